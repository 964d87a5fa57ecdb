import type { Pod } from '../../kinds/types.ts';
import type { KubernetesObject, OwnerReference } from '../../machinery/object.ts';
import type { LabelSelectorObject } from '../../machinery/selectors.ts';
import type { ObjectChange } from '../controller.ts';
import { claimable, selectorsAmong } from '../indexes.ts';
import { controllerOf, isControlledBy, namespaceOf, objectKey } from '../meta.ts';
import type { Resource } from '../resources.ts';
import { applyClaim } from './apply-claim.ts';
import { planClaim, selects } from './claim.ts';

/** What a workload's pods are found by. */
export interface PodOwner<T extends KubernetesObject> {
  /** As in the pods' owner references. */
  readonly type: { readonly apiVersion: string; readonly kind: string };
  readonly resource: Resource<T>;
  readonly selectorOf: (owner: T) => LabelSelectorObject | undefined;
}

/** The workloads that a changed pod concerns: its controller, or those whose selector wants an orphan. */
export function ownersOfPod<T extends KubernetesObject>(change: ObjectChange, owner: PodOwner<T>): readonly string[] {
  const pods = [change.entry.object, change.previous?.object].filter((o) => o !== undefined) as readonly Pod[];
  return pods.flatMap((pod) => {
    const reference = controllerOf(pod);
    if (reference !== undefined) {
      const { kind, apiVersion } = owner.type;
      return reference.kind === kind && reference.apiVersion === apiVersion
        ? [`${namespaceOf(pod)}/${reference.name}`]
        : [];
    }
    return selectorsAmong(pod, owner.resource)
      .filter((each) => selects(owner.selectorOf(each), pod))
      .map(objectKey);
  });
}

/** What claiming is about. */
export interface PodClaim {
  readonly selector: LabelSelectorObject | undefined;
  readonly reference: OwnerReference;
  /** Orphans that may be adopted beside what is owned already; all of them unless given. */
  readonly adoptable?: (pod: Pod) => boolean;
  /** A finalizer that adopted pods get and released ones lose. */
  readonly finalizer?: string;
}

/** Adopts and releases pods; returns all that the owner owns afterwards. */
export function claimPods(owner: KubernetesObject, claim: PodClaim, pods: Resource<Pod>): Promise<readonly Pod[]> {
  const { selector, reference, adoptable = () => true, finalizer } = claim;
  const candidates = claimable(owner, pods).filter((pod) => isControlledBy(pod, owner) || adoptable(pod));
  return applyClaim(planClaim(owner, selector, candidates), { reference, finalizer }, pods);
}
