import type { Setting } from '../../../quadlet/encode-unit.ts';
import { podRequirements } from '../../../src/kinds/quota/pod-requirements.ts';
import type { PodSpec } from '../../../src/kinds/types.ts';
import { formatQuantity } from '../../../src/machinery/quantity.ts';
import { milli, sharesOf, units, weightOf } from './amounts.ts';
import { ownerSettings } from './owner.ts';
import { inSection } from './settings.ts';
import type { PodSite } from './site.ts';

/** What Podman itself needs beside the containers, in their slice: what starts and ends them, and a monitor for each. */
const POD_OVERHEAD_BYTES = 16 * 2 ** 20;
const CONTAINER_OVERHEAD_BYTES = 4 * 2 ** 20;

/** What a pod's slice may use as a whole. */
export interface SliceResources {
  readonly cpuWeight: number;
  /** Of one processor. */
  readonly cpuQuotaPercent: number | undefined;
  readonly memoryMax: number | undefined;
}

/**
 * A pod's weight among all pods, and the limits that it has as a whole. As in `ResourceConfigForPod`, the sum of the
 * containers' limits is one only if all of them have one.
 */
export function sliceResources(spec: PodSpec): SliceResources {
  const requests = podRequirements(spec, 'requests').get('cpu');
  const cpu = podLimit(spec, 'cpu');
  const memory = podLimit(spec, 'memory');
  const containers = spec.containers.length + (spec.initContainers?.length ?? 0);
  const overhead = POD_OVERHEAD_BYTES + containers * CONTAINER_OVERHEAD_BYTES;
  const shares = sharesOf(milli(requests === undefined ? '0' : formatQuantity(requests)) ?? 0);
  return {
    cpuWeight: weightOf(shares),
    cpuQuotaPercent: cpu === undefined ? undefined : Math.max(1, Math.ceil((milli(cpu) ?? 0) / 10)),
    memoryMax: memory === undefined ? undefined : (units(memory) ?? 0) + overhead,
  };
}

/** The pod's slice as a unit, where there is something to say. */
export function planSlice(site: PodSite): readonly Setting[] {
  const { pod, spec, context } = site;
  if (!context.hasCgroupControllers || !site.slice.startsWith('qs-pod-')) return [];
  const { cpuWeight, cpuQuotaPercent, memoryMax } = sliceResources(spec);
  return [
    ...inSection('Unit', [
      ['Description', `Pod ${pod.metadata?.namespace}/${pod.metadata?.name}: what its containers may use together`],
    ]),
    ...inSection('Slice', [
      ['CPUWeight', String(cpuWeight)],
      ['CPUQuota', cpuQuotaPercent === undefined ? undefined : `${cpuQuotaPercent}%`],
      ['MemoryMax', memoryMax === undefined ? undefined : String(memoryMax)],
    ]),
    ...ownerSettings(site),
  ];
}

/** The pod's own limit, or its containers' together if each has one. */
export function podLimit(spec: PodSpec, resource: 'cpu' | 'memory'): string | undefined {
  const own = spec.resources?.limits?.[resource];
  if (own !== undefined) return own;
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  if (!all.every(({ resources }) => resources?.limits?.[resource] !== undefined)) return undefined;
  const sum = podRequirements(spec, 'limits').get(resource);
  return sum === undefined ? undefined : formatQuantity({ nano: sum.nano, format: sum.format });
}
