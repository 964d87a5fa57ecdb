import { describe, expect, it } from 'vitest';
import { endpointSliceKind } from './endpoint-slice.ts';
import { findingsOf, rowOf, updateFindingsOf } from './findings-of.ts';
import { ingressKind } from './ingress.ts';
import { ingressClassKind } from './ingress-class.ts';
import { isSpecialIp, isStrictlyInside } from './ip-address.ts';
import { ipAddressKind } from './ip-address-kind.ts';
import { networkPolicyKind } from './network-policy.ts';
import { serviceCidrKind } from './service-cidr.ts';

describe('a NetworkPolicy', () => {
  const policy = (rule: object) => ({ spec: { podSelector: {}, ingress: [rule] } });

  it.each([
    [{ from: [{}] }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    [
      { from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] },
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8'] } }] },
      [
        'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
      ],
    ],
    [
      { ports: [{ port: 90, endPort: 80 }] },
      ['spec.ingress[0].ports[0].endPort: Invalid value: 90: must be greater than or equal to `port`'],
    ],
    [
      { ports: [{ port: 'http', endPort: 80 }] },
      ['spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric'],
    ],
    [
      { ports: [{ protocol: 'ICMP' }] },
      ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"'],
    ],
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80, endPort: 90 }] }, []],
  ])('%j', (rule, findings) => {
    expect(findingsOf(networkPolicyKind, policy(rule))).toEqual(findings);
  });
});

describe('an EndpointSlice', () => {
  it.each([
    [{}, ['addressType: Required value']],
    [
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1', 'fd00::1', '127.0.0.1'] }] },
      [
        'endpoints[0].addresses[1]: Invalid value: "fd00::1": must be a valid IPv4 address',
        'endpoints[0].addresses[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      { addressType: 'IPv6', endpoints: [{ addresses: [] }], ports: [{ port: 80 }, { port: 81 }] },
      ['endpoints[0].addresses: Required value: must contain at least 1 address', 'ports[1].name: Duplicate value: ""'],
    ],
  ])('%j', (slice, findings) => {
    expect(findingsOf(endpointSliceKind, slice)).toEqual(findings);
  });

  it('keeps its kind of addresses', () => {
    expect(updateFindingsOf(endpointSliceKind, { addressType: 'IPv4' }, { addressType: 'FQDN' })).toEqual([
      'addressType: Invalid value: "IPv4": field is immutable',
    ]);
  });
});

describe('an Ingress', () => {
  const backend = (port: object) => ({ service: { name: 'web', port } });
  const path = (more: object) => ({
    spec: {
      rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: backend({ number: 80 }), ...more }] } }],
    },
  });
  const at = 'spec.rules[0].http.paths[0]';

  it.each([
    [path({ path: '/a//b' }), [`${at}.path: Invalid value: "/a//b": must not contain '//'`]],
    [path({ path: '/a/..' }), [`${at}.path: Invalid value: "/a/..": cannot end with '/..'`]],
    [
      path({ pathType: 'Regex' }),
      [`${at}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    [path({ backend: backend({}) }), [`${at}.backend: Required value: port name or number is required`]],
    [
      path({ backend: backend({ name: 'a', number: 1 }) }),
      [`${at}.backend: Invalid value: "": cannot set both port name & port number`],
    ],
    [path({ backend: {} }), [`${at}.backend: Invalid value: "": resource or service backend is required`]],
    [
      { spec: { rules: [{ host: '10.0.0.1' }] } },
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
  ])('%j', (ingress, findings) => {
    expect(findingsOf(ingressKind, ingress)).toEqual(findings);
  });
});

it('an IngressClass has a controller with a domain, and parameters where it says they are', () => {
  const parameters = { kind: 'Settings', name: 'x', scope: 'Namespace' };
  expect(findingsOf(ingressClassKind, { spec: { controller: 'nginx', parameters } })).toEqual([
    'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ]);
});

it('a ServiceCIDR has at most one range of each family', () => {
  const of = (...cidrs: string[]) => findingsOf(serviceCidrKind, { spec: { cidrs } });
  expect([of(), of('10.0.0.0/33'), of('10.0.0.0/8', 'fd00::/64')]).toEqual([
    ['spec.cidrs: Required value: at least one CIDR required'],
    ['spec.cidrs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    [],
  ]);
  expect(of('10.0.0.0/8', '11.0.0.0/8')).toHaveLength(1);
});

it('an IPAddress is named after itself and shows who holds it', () => {
  const parentRef = { resource: 'services', namespace: 'default', name: 'web' };
  expect(findingsOf(ipAddressKind, { metadata: { name: 'web' }, spec: { parentRef } })).toEqual([
    'metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]);
  expect(rowOf(ipAddressKind, { spec: { parentRef } })).toMatchObject({ ParentRef: 'services/default/web' });
});

describe('addresses', () => {
  it.each([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', false],
    ['fd00:1::/48', 'fd00::/16', true],
    ['::ffff:10.0.0.0/112', '::ffff:0:0/96', true],
    ['10.0.0.0/16', 'fd00::/8', false],
  ])('%s inside %s: %s', (inner, outer, expected) => {
    expect(isStrictlyInside(inner, outer)).toBe(expected);
  });

  it.each([
    ['0.0.0.0', 1],
    ['169.254.1.1', 1],
    ['224.0.0.5', 1],
    ['::1', 1],
    ['fe80::1', 1],
    ['10.0.0.1', 0],
    ['2001:db8::1', 0],
  ])('%s has %s special meanings', (address, count) => {
    expect(isSpecialIp(address)).toHaveLength(count);
  });
});
