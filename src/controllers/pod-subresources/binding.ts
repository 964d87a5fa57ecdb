import type { Pod } from '../../kinds/types.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { notSupported, required } from '../../machinery/field-path.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { conflict, invalid } from '../../machinery/status-error.ts';
import { formatTime } from '../../machinery/time.ts';
import { isDeleting, nameOf, uidOf } from '../meta.ts';
import { kindOf } from '../resources.ts';
import type { PodSubresourceCall, PodSubresourceOptions } from './eviction.ts';

interface Binding extends KubernetesObject {
  readonly target?: { readonly kind?: string; readonly name?: string };
}

function validate({ target = {} }: Binding): readonly FieldError[] {
  const isKnown = ['', 'Node', undefined].includes(target.kind);
  return [
    ...(isKnown ? [] : [notSupported('target.kind', target.kind ?? '', ['Node', '<empty>'])]),
    ...(target.name ? [] : [required('target.name')]),
  ];
}

function obstacle(pod: Pod, binding: Binding): string | undefined {
  const { uid } = binding.metadata ?? {};
  if (uid !== undefined && uid !== uidOf(pod)) {
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${uidOf(pod)}`;
  }
  if (isDeleting(pod)) return `pod ${nameOf(pod)} is being deleted, cannot be assigned to a host`;
  if (pod.spec?.nodeName) return `pod ${nameOf(pod)} is already assigned to node "${pod.spec.nodeName}"`;
  if ((pod.spec?.schedulingGates ?? []).length > 0) return `pod ${nameOf(pod)} has non-empty .spec.schedulingGates`;
  return undefined;
}

/** The pod on the binding's node, with its PodScheduled condition; throws where it can't be bound. Pure. */
export function boundPod(pod: Pod, binding: Binding, now: number): Pod {
  const why = obstacle(pod, binding);
  if (why !== undefined) throw conflict({ group: '', resource: 'pods/binding', name: nameOf(pod) }, why);
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: formatTime(now) };
  const others = (pod.status?.conditions ?? []).filter((c) => c.type !== scheduled.type);
  const annotations = { ...pod.metadata?.annotations, ...binding.metadata?.annotations };
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: pod.spec && { ...pod.spec, nodeName: binding.target?.name },
    status: { ...pod.status, conditions: [...others, scheduled] },
  };
}

/** Answers `pods/binding`: what a scheduler of the user's own decided. */
export function createBindingHandler({ registry, clock }: PodSubresourceOptions) {
  const pods = kindOf(registry, '/pods');
  return async ({ key, body, options }: PodSubresourceCall): Promise<{ readonly object: object }> => {
    const binding = body as Binding;
    const errors = validate(binding);
    if (errors.length > 0) throw invalid({ group: '', resource: 'Binding', name: key.name }, errors);
    registry.get(pods, key);
    const bind = (pod: Pod): Pod => boundPod(pod, binding, clock.now());
    await registry.modify(pods, key, bind, { ...options, subresource: 'binding' });
    return { object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
  };
}
