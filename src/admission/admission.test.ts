import { describe, expect, it } from 'vitest';
import type { KindDefinition } from '../kinds/definition.ts';
import type { Pod } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { AdmissionLookup, AdmissionRequest } from './plugin.ts';
import { createAdmissionPlugins } from './plugins.ts';

const admissionPlugins = createAdmissionPlugins({
  serviceCidrs: ['10.43.0.0/16'],
  nodePorts: { first: 30_000, last: 32_767 },
  random: () => 0,
});
const pods = { group: '', plural: 'pods', kind: 'Pod', namespaced: true } as KindDefinition;
const namespaces = { group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false } as KindDefinition;

/** Objects by `<group>/<plural>/<namespace>/<name>`. */
function lookupOf(objects: { readonly [path: string]: KubernetesObject }): AdmissionLookup {
  return {
    get: (resource, { namespace, name }) => objects[`${resource}/${namespace}/${name}`],
    list: (resource) =>
      Object.entries(objects).flatMap(([path, object]) => (path.startsWith(`${resource}/`) ? [object] : [])),
  };
}

const shop = { '/namespaces//shop': { metadata: { name: 'shop' } } };

function createPod(spec: object, objects: { readonly [path: string]: KubernetesObject } = {}): Pod | string {
  const lookup = lookupOf({ ...shop, ...objects });
  const key = { namespace: 'shop', name: 'web' };
  let object: KubernetesObject = { metadata: key, spec } as KubernetesObject;
  for (const plugin of admissionPlugins) {
    const request: AdmissionRequest = { operation: 'CREATE', kind: pods, subresource: '', key, object };
    const result = plugin.mutate?.(request, lookup) ?? object;
    if (result instanceof StatusError) return `${result.status.code} ${result.status.message}`;
    object = result;
  }
  return object as Pod;
}

describe('a new pod', () => {
  it('gets the default account, priority 0 and five minutes on an unreachable node', () => {
    expect(createPod({ containers: [] })).toEqual({
      metadata: { namespace: 'shop', name: 'web' },
      spec: {
        containers: [],
        serviceAccountName: 'default',
        serviceAccount: 'default',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        tolerations: ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
          key,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        })),
      },
    });
  });

  it('keeps tolerations of its own', () => {
    const own = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }];
    expect(createPod({ tolerations: own })).toMatchObject({ spec: { tolerations: [own[0], {}] } });
    expect(createPod({ tolerations: [{ operator: 'Exists' }] })).toMatchObject({
      spec: { tolerations: [{ operator: 'Exists' }] },
    });
  });

  it('names an account that exists, judged once the namespace has its default one', () => {
    const account = { '/serviceaccounts/shop/default': { imagePullSecrets: [{ name: 'pull' }] } as KubernetesObject };
    expect(createPod({ serviceAccountName: 'x' })).toMatchObject({ spec: { serviceAccountName: 'x' } });
    expect(createPod({ serviceAccountName: 'x' }, account)).toBe(
      '403 pods "web" is forbidden: error looking up service account shop/x: serviceaccount "x" not found',
    );
    expect(createPod({}, account)).toMatchObject({ spec: { imagePullSecrets: [{ name: 'pull' }] } });
  });

  it('gets the number of its class, of the global default, or is refused', () => {
    const classes = (more: object = {}) => ({
      'scheduling.k8s.io/priorityclasses//high': { metadata: { name: 'high' }, value: 1000, ...more },
    });
    expect(createPod({ priorityClassName: 'high' }, classes())).toMatchObject({ spec: { priority: 1000 } });
    expect(createPod({}, classes({ globalDefault: true, preemptionPolicy: 'Never' }))).toMatchObject({
      spec: { priority: 1000, priorityClassName: 'high', preemptionPolicy: 'Never' },
    });
    expect(createPod({ priorityClassName: 'system-node-critical' })).toMatchObject({
      spec: { priority: 2_000_001_000 },
    });
    expect(createPod({ priorityClassName: 'none' })).toBe(
      '403 pods "web" is forbidden: no PriorityClass with name none was found',
    );
    expect(createPod({ priority: 5 })).toMatch(/^403 .*the integer value of priority \(5\) must not be provided/);
  });
});

describe('namespaces', () => {
  it('refuse content when they are absent or going', () => {
    expect(createPod({}, { '/namespaces//shop': { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } } })).toBe(
      '403 pods "web" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
    expect(createPod({}, { '/namespaces//shop': undefined as unknown as KubernetesObject })).toBe(
      '404 namespaces "shop" not found',
    );
  });

  it.each([
    ['default', 403],
    ['kube-system', 403],
    ['kube-public', 403],
    ['shop', undefined],
  ])('delete of %s: %s', (name, code) => {
    const key = { namespace: '', name };
    const request: AdmissionRequest = { operation: 'DELETE', kind: namespaces, subresource: '', key, object: {} };
    const refusals = admissionPlugins.map((plugin) => plugin.validate?.(request, lookupOf({})));
    expect(refusals.find((refusal) => refusal !== undefined)?.status.code).toBe(code);
  });
});
