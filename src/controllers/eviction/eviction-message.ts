import type { Pod } from '../../kinds/types.ts';
import {
  formatQuantity,
  parseQuantity,
  type QuantityFormat,
  quantityOf,
  quantityToNumber,
} from '../../machinery/quantity.ts';
import type { ContainerLoad, PodLoad } from './pod-usage.ts';
import { type Observations, resourceOf, type StarvedResource } from './signals.ts';
import { type Threshold, unitsOf } from './thresholds.ts';

/** What an eviction is explained by. */
export interface EvictionGrounds {
  readonly resource: StarvedResource;
  readonly due: readonly Threshold[];
  readonly observations: Observations;
}

function text(value: number, format: QuantityFormat): string {
  return formatQuantity(quantityOf(Math.floor(value), format));
}

/** The first threshold about the resource, and what is left of it. */
function thresholdSentence({ resource, due, observations }: EvictionGrounds): string {
  const threshold = due.find(({ signal }) => resourceOf(signal) === resource && observations.has(signal));
  const observed = threshold && observations.get(threshold.signal);
  if (threshold === undefined || observed === undefined) return '';
  const format = resource === 'inodes' || resource === 'pids' ? 'DecimalSI' : 'BinarySI';
  const quantity = text(unitsOf(threshold.value, observed.capacity), format);
  return `Threshold quantity: ${quantity}, available: ${text(observed.available, format)}. `;
}

function usedOf(load: ContainerLoad, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return load.memoryBytes;
  return resource === 'ephemeral-storage' ? load.layerBytes + load.logBytes : undefined;
}

/** `Container app was using 60Mi, request is 0, has larger consumption of memory. ` */
function excessSentence(
  what: string,
  used: number,
  { request = '0', resource }: { request: string | undefined; resource: string },
) {
  const parsed = parseQuantity(request);
  if (!parsed.ok || used <= quantityToNumber(parsed.value)) return '';
  const asked = formatQuantity(parsed.value);
  return `${what} was using ${text(used, 'BinarySI')}, request is ${asked}, has larger consumption of ${resource}. `;
}

/** Why a pod is evicted, in the kubelet's words. Pure. */
export function evictionMessage(pod: Pod, load: PodLoad | undefined, grounds: EvictionGrounds): string {
  const { resource } = grounds;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const sentences = (load?.containers ?? []).map((one) => {
    const container = containers.find(({ name }) => name === one.name);
    const used = usedOf(one, resource);
    if (container === undefined || used === undefined) return '';
    const request = container.resources?.requests?.[resource];
    return excessSentence(`Container ${one.name}`, used, { request, resource });
  });
  return [`The node was low on resource: ${resource}. `, thresholdSentence(grounds), ...sentences].join('');
}
