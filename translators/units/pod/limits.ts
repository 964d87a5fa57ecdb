import type { Setting } from '../../../quadlet/encode-unit.ts';
import { parseQuantity, quantityToMilli, quantityToNumber } from '../../../src/machinery/quantity.ts';
import { refuseUnsupported } from './report.ts';
import { inSection, podmanArgs } from './settings.ts';
import type { ContainerPlace, PodSite } from './site.ts';

/** Memory and CPU limits; requests decide where a pod fits, and its share of the CPU. */
export function limitSettings({ container, path }: ContainerPlace, site: PodSite): readonly Setting[] {
  const { limits, requests, claims, ...unhandled } = container.resources ?? {};
  unhandled satisfies Record<PropertyKey, never>;
  refuseUnsupported(site.report, `${path}.resources`, { claims });
  const { cpu, memory, 'ephemeral-storage': storage } = limits ?? {};
  if (storage !== undefined) {
    site.report.approximate(`${path}.resources.limits.ephemeral-storage`, 'is not enforced');
  }
  if (!site.context.hasCgroupControllers) {
    if (cpu !== undefined || memory !== undefined) {
      site.report.approximate(`${path}.resources.limits`, 'this host has no cgroup controllers: not enforced');
    }
    return [];
  }
  const shares = milli(requests?.['cpu'] ?? cpu);
  return [
    ...inSection('Container', [['Memory', bytes(memory)]]),
    ...podmanArgs('Container', [
      ...(memory === undefined ? [] : [`--memory-swap=${bytes(memory)}`]),
      ...(cpu === undefined ? [] : [`--cpus=${(milli(cpu) ?? 0) / 1000}`]),
      ...(shares === undefined ? [] : [`--cpu-shares=${Math.max(2, Math.floor((shares * 1024) / 1000))}`]),
    ]),
  ];
}

function bytes(quantity: string | undefined): string | undefined {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok ? String(Math.ceil(quantityToNumber(parsed.value))) : undefined;
}

function milli(quantity: string | undefined): number | undefined {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok ? quantityToMilli(parsed.value) : undefined;
}
