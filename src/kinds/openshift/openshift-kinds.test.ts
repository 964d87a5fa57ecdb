import { describe, expect, it } from 'vitest';
import { findingsOf, rowOf, updateFindingsOf } from '../findings-of.ts';
import { routeKind } from './route.ts';
import { securityContextConstraintsKind } from './security-context-constraints.ts';

describe('a Route', () => {
  const route = (spec: object) => ({ spec: { host: 'a.example.com', to: { kind: 'Service', name: 'web' }, ...spec } });

  it('sends everything to its Service by default, without wildcards', () => {
    expect(routeKind.applyDefaults(route({ to: { name: 'web' }, tls: {} }) as object)).toMatchObject({
      spec: { to: { kind: 'Service', name: 'web', weight: 100 }, tls: { termination: 'edge' }, wildcardPolicy: 'None' },
    });
  });

  it.each([
    [{}, []],
    [
      { host: 'Not_a_host' },
      [
        'spec.host: Invalid value: "Not_a_host": host must conform to DNS 952 subdomain conventions',
        expect.stringMatching(/^spec.host: Invalid value: "Not_a_host": a lowercase RFC 1123 label/),
      ],
    ],
    [{ path: 'shop' }, ['spec.path: Invalid value: "shop": path must begin with /']],
    [
      { path: '/', tls: { termination: 'passthrough' } },
      ['spec.path: Invalid value: "/": passthrough termination does not support paths'],
    ],
    [
      { to: { kind: 'Pod', weight: 300 } },
      [
        'spec.to.name: Required value',
        'spec.to.kind: Invalid value: "Pod": must be Service',
        'spec.to.weight: Invalid value: 300: weight must be an integer between 0 and 256',
      ],
    ],
    [
      { tls: { termination: 'passthrough', key: 'secret' } },
      ['spec.tls.key: Invalid value: "redacted key data": passthrough termination does not support certificates'],
    ],
    [
      { tls: { termination: 'edge', destinationCACertificate: 'x' } },
      [
        'spec.tls.destinationCACertificate: Invalid value: "redacted destination ca certificate data": edge termination does not support destination certificates',
      ],
    ],
    [
      { tls: { termination: 'magic' } },
      ['spec.tls.termination: Unsupported value: "magic": supported values: "edge", "passthrough", "reencrypt"'],
    ],
    [
      { tls: { termination: 'passthrough', insecureEdgeTerminationPolicy: 'Allow' } },
      [
        'spec.tls.insecureEdgeTerminationPolicy: Invalid value: "Allow": invalid value for InsecureEdgeTerminationPolicy option, acceptable values are None, Redirect, or empty',
      ],
    ],
    [
      { host: '', wildcardPolicy: 'Subdomain' },
      ['spec.wildcardPolicy: Invalid value: "Subdomain": host name not specified for wildcard policy'],
    ],
    [{ port: { targetPort: '' } }, ['spec.port.targetPort: Required value']],
    [
      { httpHeaders: { actions: { request: [{ name: 'Cookie', action: { type: 'Delete' } }] } } },
      [
        'spec.httpHeaders.actions.request[0].name: Forbidden: the following headers may not be modified using this API: strict-transport-security, proxy, cookie, set-cookie, host',
      ],
    ],
  ])('%j', (spec, findings) => {
    expect(findingsOf(routeKind, route(spec))).toEqual(findings);
  });

  it('keeps its wildcard policy', () => {
    expect(updateFindingsOf(routeKind, route({ wildcardPolicy: 'Subdomain' }), route({}))).toEqual([
      'spec.wildcardPolicy: Invalid value: "Subdomain": field is immutable',
    ]);
  });

  it('shows where it is served, by whom and how', () => {
    const alternateBackends = [{ kind: 'Service', name: 'canary', weight: 25 }];
    const tls = { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' };
    const spec = {
      ...route({}).spec,
      to: { name: 'web', weight: 75 },
      alternateBackends,
      tls,
      path: '/x',
      wildcardPolicy: 'None',
    };
    const verdict = (status: string, reason = '') => ({
      host: 'a.example.com',
      conditions: [{ type: 'Admitted', status, reason }],
    });
    const host = (...ingress: object[]) => rowOf(routeKind, { spec, status: { ingress } })['Host/Port'];
    expect(rowOf(routeKind, { spec })).toMatchObject({
      'Host/Port': 'a.example.com',
      Path: '/x',
      Services: 'web(75%),canary(25%)',
      Port: '<all>',
      Termination: 'edge/Redirect',
      Wildcard: 'None',
    });
    expect([
      host(verdict('True')),
      host(verdict('False', 'HostAlreadyClaimed')),
      host({ host: 'a.example.com' }),
      host(verdict('True'), verdict('True')),
      host(verdict('True'), verdict('False')),
    ]).toEqual([
      'a.example.com',
      'HostAlreadyClaimed',
      'Pending',
      'a.example.com ... 1 more',
      'a.example.com ... 1 rejected',
    ]);
  });
});

describe('SecurityContextConstraints', () => {
  const sound = { runAsUser: { type: 'RunAsAny' }, seLinuxContext: { type: 'RunAsAny' } };

  it('allow all volumes but host paths when they say nothing of volumes', () => {
    const volumes = (object: object) =>
      (securityContextConstraintsKind.applyDefaults(object) as { volumes?: readonly string[] }).volumes;
    expect(volumes({ allowHostDirVolumePlugin: true })).toEqual(['*']);
    expect(volumes({})).not.toContain('hostPath');
    expect(volumes({ volumes: [] })).toEqual(['none']);
    expect(volumes({ volumes: ['secret'], allowHostDirVolumePlugin: true })).toEqual(['secret', 'hostPath']);
  });

  it('are refused with what is wrong', () => {
    const wrong = {
      ...sound,
      runAsUser: {},
      priority: -1,
      allowedCapabilities: ['*'],
      requiredDropCapabilities: ['KILL'],
    };
    expect(findingsOf(securityContextConstraintsKind, wrong)).toEqual([
      'priority: Invalid value: -1: priority cannot be negative',
      'runAsUser.type: Invalid value: "": invalid strategy type.  Valid values are MustRunAs, MustRunAsNonRoot, MustRunAsRange, RunAsAny',
      'requiredDropCapabilities: Invalid value: ["KILL"]: required capabilities must be empty when all capabilities are allowed by a wildcard',
    ]);
  });
});
