import type { KubernetesObject } from '../../machinery/object.ts';
import { type LabelSelectorObject, labelSelectorOf, matchesLabels } from '../../machinery/selectors.ts';
import { controllerOf, isDeleting, uidOf } from '../meta.ts';

/** Which objects a controller object owns now, which it takes, and which it lets go. */
export interface Claim<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/** Whether a selector as it stands in an object selects these labels; one that can't be parsed selects nothing. */
export function selects(selector: LabelSelectorObject | undefined, object: KubernetesObject): boolean {
  const parsed = labelSelectorOf(selector);
  return parsed.ok && matchesLabels(parsed.value, object.metadata?.labels);
}

type Relation = 'owned' | 'adopt' | 'release' | 'foreign';

function relation(
  owner: KubernetesObject,
  selector: LabelSelectorObject | undefined,
  object: KubernetesObject,
): Relation {
  const controller = controllerOf(object);
  const selected = selects(selector, object);
  if (controller !== undefined) {
    if (controller.uid !== uidOf(owner)) return 'foreign';
    if (selected) return 'owned';
    return isDeleting(owner) ? 'foreign' : 'release';
  }
  return selected && !isDeleting(owner) && !isDeleting(object) ? 'adopt' : 'foreign';
}

/** Sorts candidates into owned, to adopt and to release, as upstream's ControllerRefManager. */
export function planClaim<T extends KubernetesObject>(
  owner: KubernetesObject,
  selector: LabelSelectorObject | undefined,
  candidates: readonly T[],
): Claim<T> {
  const sorted = { owned: [] as T[], adopt: [] as T[], release: [] as T[], foreign: [] as T[] };
  for (const object of candidates) sorted[relation(owner, selector, object)].push(object);
  return sorted;
}
