import type { Container, EnvVar, Pod } from '../../../src/kinds/types.ts';
import { parseQuantity } from '../../../src/machinery/quantity.ts';
import type { PodContext } from './context.ts';

type EnvVarSource = NonNullable<EnvVar['valueFrom']>;

/** Value of a `fieldRef` path (the downward API); undefined when the path isn't one. */
export function fieldValue(pod: Pod, path: string, context: PodContext): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (keyed !== null) {
    const map = keyed[1] === 'labels' ? pod.metadata?.labels : pod.metadata?.annotations;
    return map?.[keyed[2] ?? ''] ?? '';
  }
  return plainFields(pod, context).get(path);
}

function plainFields(pod: Pod, context: PodContext): ReadonlyMap<string, string> {
  return new Map([
    ['metadata.name', pod.metadata?.name ?? ''],
    ['metadata.namespace', pod.metadata?.namespace ?? ''],
    ['metadata.uid', pod.metadata?.uid ?? ''],
    ['spec.nodeName', pod.spec?.nodeName ?? context.nodeName],
    ['spec.serviceAccountName', pod.spec?.serviceAccountName ?? ''],
    ['status.hostIP', context.nodeIP],
    ['status.hostIPs', joined(context.nodeIP, context.secondNodeIP)],
    ['status.podIP', context.podIP],
    ['status.podIPs', joined(context.podIP, context.secondPodIP)],
  ]);
}

/** Addresses as the downward API lists them. */
function joined(...addresses: readonly (string | undefined)[]): string {
  return addresses.filter(Boolean).join(',');
}

const RESOURCE = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-[^/]+)$/;

/**
 * Value of a `resourceFieldRef` in units of its divisor, rounded up. Without a limit it is the pod's own, or what the node
 * can give; without a request it is 0 (the API defaults requests from limits). Undefined when it can't be said.
 */
export function resourceValue(
  reference: NonNullable<EnvVarSource['resourceFieldRef']>,
  container: Container,
  { spec, context }: { readonly spec: Pod['spec']; readonly context: PodContext },
): string | undefined {
  const [, list, resource] = RESOURCE.exec(reference.resource) ?? [];
  if (list === undefined || resource === undefined) {
    return undefined;
  }
  const given = container.resources?.[list as 'limits' | 'requests']?.[resource];
  const isShared = list === 'limits' && (resource === 'cpu' || resource === 'memory');
  const fallback = isShared ? (spec?.resources?.limits?.[resource] ?? context.allocatable?.[resource]) : '0';
  return given === undefined && fallback === undefined
    ? undefined
    : inUnits(String(given ?? fallback), reference.divisor === '0' ? '1' : String(reference.divisor ?? '1'));
}

function inUnits(amount: string, divisor: string): string | undefined {
  const [value, unit] = [parseQuantity(amount), parseQuantity(divisor)];
  if (!value.ok || !unit.ok || unit.value.nano <= 0n) {
    return undefined;
  }
  return String((value.value.nano + unit.value.nano - 1n) / unit.value.nano);
}
