import type { KubernetesObject } from '../../machinery/object.ts';
import { type Quantity, quantityOf } from '../../machinery/quantity.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../types.ts';
import { type Amounts, addAmounts, amountsOf, counts } from './amounts.ts';
import { podRequirements } from './pod-requirements.ts';

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
/** Resources of the core group that are counted under their plain names, too. */
const PLAIN = [
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
];

/** Resources that a quota may name in more ways than by counting them. */
const PODS = '/pods';
const CLAIMS = '/persistentvolumeclaims';
const SERVICES = '/services';

function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/');
}

function requestNames(name: string): readonly string[] {
  if (COMPUTE.includes(name) || name.startsWith('hugepages-')) return [name, `requests.${name}`];
  return isExtended(name) ? [`requests.${name}`] : [];
}

/** `podComputeUsageHelper`: requests under both of their names, and limits. */
export function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: (readonly [string, Quantity])[] = [];
  for (const [name, quantity] of requests) for (const each of requestNames(name)) usage.push([each, quantity]);
  for (const [name, quantity] of limits) if (COMPUTE.includes(name)) usage.push([`limits.${name}`, quantity]);
  return new Map(usage);
}

/** Pods that have ended hold nothing any more; they only count as objects. */
function podUsage({ spec, status }: Pod): Amounts {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return new Map();
  const compute = computeUsage(podRequirements(spec, 'requests'), podRequirements(spec, 'limits'));
  return addAmounts(counts('pods'), compute);
}

function serviceUsage({ spec }: Service): Amounts {
  const ports = quantityOf((spec?.ports ?? []).length);
  const type = spec?.type;
  const allocates = spec?.allocateLoadBalancerNodePorts !== false;
  const hasNodePorts = type === 'NodePort' || (type === 'LoadBalancer' && allocates);
  return new Map([
    ...(type === 'LoadBalancer' ? counts('services.loadbalancers') : []),
    ...(hasNodePorts ? [['services.nodeports', ports] as const] : []),
  ]);
}

function claimUsage({ metadata, spec }: PersistentVolumeClaim): Amounts {
  const name = metadata?.annotations?.[OLD_CLASS] ?? spec?.storageClassName ?? '';
  const storage = amountsOf(spec?.resources?.requests).get('storage');
  const prefix = `${name}${CLASS_SUFFIX}`;
  const sizes = storage === undefined ? [] : [['requests.storage', storage] as const];
  const ofClass = storage === undefined ? [] : [[`${prefix}requests.storage`, storage] as const];
  if (name === '') return new Map(sizes);
  return new Map([...sizes, ...ofClass, ...counts(`${prefix}persistentvolumeclaims`)]);
}

function particularUsage(resource: string, object: KubernetesObject): Amounts {
  switch (resource) {
    case PODS:
      return podUsage(object as Pod);
    case SERVICES:
      return serviceUsage(object as Service);
    case CLAIMS:
      return claimUsage(object as PersistentVolumeClaim);
    default:
      return new Map();
  }
}

function measure(resource: string, object: KubernetesObject): Amounts {
  const slash = resource.indexOf('/');
  const [group, plural] = [resource.slice(0, slash), resource.slice(slash + 1)];
  const counted = counts(`count/${group === '' ? plural : `${plural}.${group}`}`);
  const plain = group === '' && PLAIN.includes(plural) ? counts(plural) : new Map<string, Quantity>();
  return addAmounts(counted, plain, particularUsage(resource, object));
}

/** Objects are values, so each is measured once. */
const measured = new WeakMap<KubernetesObject, Amounts>();

/** What an object uses of every resource that a quota can limit. `resource` is `<group>/<plural>`. */
export function objectUsage(resource: string, object: KubernetesObject): Amounts {
  const known = measured.get(object);
  if (known !== undefined) return known;
  const usage = measure(resource, object);
  measured.set(object, usage);
  return usage;
}

/** The `<group>/<plural>` whose objects use what a quota calls by this name. */
export function resourceBehind(name: string): string {
  const counted = /^count\/([^.]+)(?:\.(.+))?$/.exec(name);
  if (counted) return `${counted[2] ?? ''}/${counted[1]}`;
  if (name === 'requests.storage' || name.includes(CLASS_SUFFIX)) return CLAIMS;
  if (PLAIN.includes(name)) return `/${name}`;
  return name.startsWith('services.') ? SERVICES : PODS;
}
