import { semanticEqual } from '../../machinery/deep.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbiddenField, invalidValue } from '../../machinery/field-path.ts';
import type { Container, Draft, Pod, Sparse } from '../types.ts';
import { podQosClass } from './qos.ts';

type List = { readonly [name: string]: string } | undefined;

const RESIZABLE = ['cpu', 'memory'];

/** `ValidatePodResize`: what the resize subresource may make of a pod's resources. */
export function validatePodResize(pod: Draft<Pod>, old: Draft<Pod>): readonly FieldError[] {
  const class_ = old.status?.qosClass ?? podQosClass(old.spec);
  const isOtherClass = podQosClass(pod.spec) !== class_;
  const message = 'Pod QOS Class may not change as a result of resizing';
  return [
    ...(isOtherClass ? [invalidValue('spec', class_, message)] : []),
    ...containersOf('initContainers', pod, old),
    ...containersOf('containers', pod, old),
  ];
}

function containersOf(
  list: 'containers' | 'initContainers',
  { spec }: Draft<Pod>,
  old: Draft<Pod>,
): readonly FieldError[] {
  const before = old.spec?.[list] ?? [];
  return (spec?.[list] ?? []).flatMap((container, index) => {
    const earlier = before[index];
    return earlier === undefined ? [] : resizeErrors(container, earlier, `spec.${list}[${index}].resources`);
  });
}

function resizeErrors(
  { resources }: Sparse<Container>,
  { resources: old }: Sparse<Container>,
  path: string,
): readonly FieldError[] {
  const others = (list: List) => Object.entries(list ?? {}).filter(([name]) => !RESIZABLE.includes(name));
  const isOther = !semanticEqual(
    [others(resources?.requests), others(resources?.limits)],
    [others(old?.requests), others(old?.limits)],
  );
  return [
    ...(isRemoved(resources?.requests, old?.requests)
      ? [forbiddenField(`${path}.requests`, 'resource requests cannot be removed')]
      : []),
    ...(isRemoved(resources?.limits, old?.limits)
      ? [forbiddenField(`${path}.limits`, 'resource limits cannot be removed')]
      : []),
    ...(isOther ? [forbiddenField('spec', 'only cpu and memory resources are mutable')] : []),
  ];
}

function isRemoved(list: List, old: List): boolean {
  return RESIZABLE.some((name) => old?.[name] !== undefined && list?.[name] === undefined);
}
