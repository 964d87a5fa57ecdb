import { describe, expect, it } from 'vitest';
import type { KindDefinition } from '../../kinds/definition.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { AdmissionLookup, AdmissionRequest } from '../plugin.ts';
import { evaluatePod, printViolations } from './evaluate.ts';
import { podSecurity } from './pod-security.ts';

const pods = { group: '', plural: 'pods', kind: 'Pod', namespaced: true } as KindDefinition;
const deployments = { group: 'apps', plural: 'deployments', kind: 'Deployment', namespaced: true } as KindDefinition;
const namespaces = { group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false } as KindDefinition;
const key = { namespace: 'shop', name: 'web' };
const PREFIX = 'pod-security.kubernetes.io/';

function lookupOf(
  labels: { readonly [mode: string]: string },
  existing: readonly KubernetesObject[] = [],
): AdmissionLookup {
  const prefixed = Object.fromEntries(Object.entries(labels).map(([mode, level]) => [`${PREFIX}${mode}`, level]));
  return { get: () => ({ metadata: { name: 'shop', labels: prefixed } }), list: () => existing };
}

const request = (kind: KindDefinition, object: object, more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: 'CREATE',
  kind,
  subresource: '',
  key,
  object: { metadata: key, ...object },
  ...more,
});

const careless = { containers: [{ name: 'a' }, { name: 'b' }] };
const careful = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};
const RESTRICTED =
  'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

describe('a pod', () => {
  it('is refused when it violates what its namespace enforces', () => {
    const refusal = podSecurity.validate?.(request(pods, { spec: careless }), lookupOf({ enforce: 'restricted' }));
    expect(refusal?.status.message).toBe(
      `pods "web" is forbidden: violates PodSecurity "restricted:latest": ${RESTRICTED}`,
    );
  });

  it.each([
    ['nothing is enforced', {}, careless],
    ['it obeys', { enforce: 'restricted' }, careful],
    ['it obeys the baseline', { enforce: 'baseline' }, careless],
  ])('is let in when %s', (_, labels, spec) => {
    expect(podSecurity.validate?.(request(pods, { spec }), lookupOf(labels))).toBeUndefined();
  });

  it('is not judged again when an update leaves its images alone', () => {
    const object = { metadata: key, spec: careless };
    const update = request(pods, object, { operation: 'UPDATE', old: object });
    expect(podSecurity.validate?.(update, lookupOf({ enforce: 'restricted' }))).toBeUndefined();
  });
});

it('a workload whose pods would be refused brings a warning', () => {
  const object = { spec: { template: { spec: careless } } };
  expect(podSecurity.validate?.(request(deployments, object), lookupOf({ enforce: 'restricted' }))).toBeUndefined();
  expect(podSecurity.warnings?.(request(deployments, object), lookupOf({ enforce: 'restricted' }))).toEqual([
    `would violate PodSecurity "restricted:latest": ${RESTRICTED}`,
  ]);
  expect(
    podSecurity.warnings?.(request(deployments, object), lookupOf({ warn: 'privileged', enforce: 'restricted' })),
  ).toEqual([]);
});

describe('a namespace', () => {
  const labelled = (labels: { readonly [key: string]: string }) => ({ metadata: { name: 'shop', labels } });

  it('needs labels that can be read', () => {
    const object = labelled({ [`${PREFIX}enforce`]: 'strict', [`${PREFIX}warn-version`]: '1.30' });
    expect(podSecurity.validate?.(request(namespaces, object), lookupOf({}))?.status.message).toBe(
      'Namespace "shop" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]',
    );
  });

  it('says which pods violate what it enforces from now on', () => {
    const pod = (name: string, spec: object) => ({ metadata: { name, namespace: 'shop' }, spec });
    const existing = [
      pod('b', careless),
      pod('a', careless),
      pod('c', { ...careless, hostPID: true }),
      pod('d', careful),
    ];
    const update = request(namespaces, labelled({ [`${PREFIX}enforce`]: 'restricted' }), {
      operation: 'UPDATE',
      old: labelled({}),
    });
    const reasons =
      'allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile';
    expect(podSecurity.warnings?.(update, lookupOf({}, existing))).toEqual([
      'existing pods in namespace "shop" violate the new PodSecurity enforce level "restricted:latest"',
      `a (and 1 other pod): ${reasons}`,
      `c: host namespaces, ${reasons}`,
    ]);
  });
});

it.each([
  ['hostNetwork', { hostNetwork: true, hostIPC: true }, 'host namespaces (hostNetwork=true, hostIPC=true)'],
  [
    'privileged',
    { containers: [{ name: 'a', securityContext: { privileged: true } }] },
    'privileged (container "a" must not set securityContext.privileged=true)',
  ],
  ['hostPath', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
  [
    'hostPort',
    { containers: [{ name: 'a', ports: [{ hostPort: 80 }, { hostPort: 443 }] }] },
    'hostPort (container "a" uses hostPorts 443, 80)',
  ],
  [
    'capabilities',
    { containers: [{ name: 'a', securityContext: { capabilities: { add: ['NET_ADMIN', 'KILL'] } } }] },
    'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  ],
  [
    'procMount',
    { containers: [{ name: 'a', securityContext: { procMount: 'Unmasked' } }] },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'SELinux',
    { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } },
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
  ],
  [
    'seccomp',
    { securityContext: { seccompProfile: { type: 'Unconfined' } } },
    'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  ['sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax' }] } }, 'forbidden sysctls (kernel.msgmax)'],
  [
    'probes',
    { containers: [{ name: 'a', livenessProbe: { httpGet: { host: '10.0.0.1' } } }] },
    'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")',
  ],
  [
    'AppArmor',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
  ],
])('the baseline forbids %s', (_, spec, expected) => {
  expect(printViolations(evaluatePod({ level: 'baseline', version: 'latest' }, { spec }), 'with details')).toBe(
    expected,
  );
});

it('a level is what it was in the version that a namespace names', () => {
  const spec = { containers: [{ name: 'a', livenessProbe: { httpGet: { host: '10.0.0.1' } } }] };
  expect(evaluatePod({ level: 'baseline', version: 33 }, { spec })).toEqual([]);
  expect(evaluatePod({ level: 'baseline', version: 99 }, { spec })).toHaveLength(1);
});
