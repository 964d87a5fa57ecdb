import { semanticEqual } from '../../machinery/deep.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbiddenField, invalidValue } from '../../machinery/field-path.ts';
import type { Container, Draft, Pod, ResourceRequirements, Sparse } from '../types.ts';
import { hasOwnResources, podQosClass } from './qos.ts';

type List = { readonly [name: string]: string } | undefined;
type Requirements = Sparse<ResourceRequirements> | undefined;
type Errors = readonly FieldError[];
type Which = 'containers' | 'initContainers';

const RESIZABLE = ['cpu', 'memory'];

/** `ValidatePodResize`: what the resize subresource may make of a pod's resources. */
export function validatePodResize(pod: Draft<Pod>, old: Draft<Pod>): Errors {
  const class_ = old.status?.qosClass ?? podQosClass(old.spec);
  const isOtherClass = podQosClass(pod.spec) !== class_;
  const message = 'Pod QOS Class may not change as a result of resizing';
  const first = [
    ...(isOtherClass ? [invalidValue('spec', class_, message)] : []),
    ...ownErrors(pod.spec?.resources, old.spec?.resources),
  ];
  const order = [...orderErrors('containers', pod, old), ...orderErrors('initContainers', pod, old)];
  if (order.length > 0) return [...first, ...order];
  return [...first, ...containersOf('initContainers', pod, old), ...containersOf('containers', pod, old)];
}

/** What the pod asks for as a whole. */
function ownErrors(now: Requirements, old: Requirements): Errors {
  if (!hasOwnResources(now) && !hasOwnResources(old)) return [];
  const path = 'spec.resources';
  if (old !== undefined && now === undefined) return [forbiddenField(path, 'pod-level resources cannot be removed')];
  const removed = (list: 'requests' | 'limits'): Errors =>
    isRemoved(now?.[list], old?.[list])
      ? [forbiddenField(`${path}.${list}`, `pod-level resource ${list} cannot be removed`)]
      : [];
  const isOther = !semanticEqual(othersOf(now), othersOf(old));
  return [
    ...removed('requests'),
    ...removed('limits'),
    ...(isOther ? [forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level')] : []),
  ];
}

/** Containers stay who they are. */
function orderErrors(list: Which, { spec }: Draft<Pod>, old: Draft<Pod>): Errors {
  const [now, before] = [spec?.[list] ?? [], old.spec?.[list] ?? []];
  if (now.length !== before.length)
    return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return now.flatMap(({ name }, index) =>
    name === before[index]?.name
      ? []
      : [forbiddenField(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
  );
}

function containersOf(list: Which, { spec }: Draft<Pod>, old: Draft<Pod>): Errors {
  const before = old.spec?.[list] ?? [];
  return (spec?.[list] ?? []).flatMap((container, index) => {
    const earlier = before[index];
    const path = `spec.${list}[${index}]`;
    if (earlier === undefined) return [];
    return [
      ...removalErrors(container, earlier, `${path}.resources`),
      ...(list === 'initContainers' ? initErrors(container, earlier, path) : appErrors(container, earlier)),
    ];
  });
}

function removalErrors({ resources }: Sparse<Container>, { resources: old }: Sparse<Container>, path: string): Errors {
  return (['requests', 'limits'] as const).flatMap((list) =>
    isRemoved(resources?.[list], old?.[list])
      ? [forbiddenField(`${path}.${list}`, `resource ${list} cannot be removed`)]
      : [],
  );
}

function appErrors(now: Sparse<Container>, old: Sparse<Container>): Errors {
  return isFixedSame(now, old) ? [] : [forbiddenField('spec', 'only cpu and memory resources are mutable')];
}

function initErrors(now: Sparse<Container>, old: Sparse<Container>, path: string): Errors {
  const restarts = now.restartPolicy !== 'Always' && (now.resizePolicy ?? []).some(isRestart);
  const fixed = 'only cpu and memory resources for init or sidecar containers are mutable';
  const restarted = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
  return [
    ...(isFixedSame(now, old) ? [] : [forbiddenField(path, fixed)]),
    ...(restarts && !semanticEqual(now, old) ? [forbiddenField(path, restarted)] : []),
  ];
}

function isRestart({ restartPolicy }: { readonly restartPolicy?: string | undefined }): boolean {
  return restartPolicy === 'RestartContainer';
}

/** Whether what may not change is as it was. Nothing else of a container comes through the subresource. */
function isFixedSame(now: Sparse<Container>, old: Sparse<Container>): boolean {
  return semanticEqual(
    [othersOf(now.resources), now.resizePolicy ?? []],
    [othersOf(old.resources), old.resizePolicy ?? []],
  );
}

function othersOf(resources: Requirements): readonly unknown[] {
  const others = (list: List) => Object.entries(list ?? {}).filter(([name]) => !RESIZABLE.includes(name));
  return [others(resources?.requests), others(resources?.limits), resources?.claims ?? []];
}

function isRemoved(list: List, old: List): boolean {
  return Object.keys(old ?? {}).some((name) => list?.[name] === undefined);
}
