import type { MetricSpec, MetricStatus, Sparse } from './types.ts';

type Spec = Sparse<MetricSpec>;
type Status = Sparse<MetricStatus> | undefined;
interface Value {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

/** How many targets are written out. */
const SHOWN = 2;

function percentage(value: number | undefined, unknown: string): string {
  return value === undefined ? unknown : `${value}%`;
}

function resourceTarget(name: string | undefined, target: Value | undefined, current: Value | undefined): string {
  const prefix = `${name ?? ''}: `;
  if (target?.averageValue !== undefined) {
    return `${prefix}${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
  }
  const used = percentage(current?.averageUtilization, '<unknown>');
  return `${prefix}${used}/${percentage(target?.averageUtilization, '<auto>')}`;
}

function plainTarget(target: Value | undefined, current: Value | undefined): string {
  if (target?.averageValue !== undefined) {
    return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
  }
  return `${current?.value ?? '<unknown>'}/${target?.value ?? ''}`;
}

function formatMetric(spec: Spec, status: Status): string {
  switch (spec.type) {
    case 'External':
      return plainTarget(spec.external?.target, status?.external?.current);
    case 'Pods':
      return `${status?.pods?.current?.averageValue ?? '<unknown>'}/${spec.pods?.target?.averageValue ?? ''}`;
    case 'Object':
      return plainTarget(spec.object?.target, status?.object?.current);
    case 'Resource':
      return resourceTarget(spec.resource?.name, spec.resource?.target, status?.resource?.current);
    case 'ContainerResource':
      return resourceTarget(
        spec.containerResource?.name,
        spec.containerResource?.target,
        status?.containerResource?.current,
      );
    default:
      return '<unknown type>';
  }
}

/** The Targets column: `cpu: 12%/80%`, at most two, then how many more. */
export function formatMetrics(specs: readonly Spec[], statuses: readonly Sparse<MetricStatus>[]): string {
  if (specs.length === 0) return '<none>';
  const all = specs.map((spec, position) => formatMetric(spec, statuses[position]));
  const shown = all.slice(0, SHOWN).join(', ');
  return all.length > SHOWN ? `${shown} + ${all.length - SHOWN} more...` : shown;
}
