import type { Node, Pod } from '../../kinds/types.ts';
import type { LabelSelectorObject } from '../../machinery/selectors.ts';
import { namespaceOf } from '../meta.ts';
import { selects } from '../workloads/claim.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;
type Term = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number];

const required = (side: 'podAffinity' | 'podAntiAffinity', { spec }: Pod): readonly Term[] =>
  spec?.affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** Whether the pod keeps others away. */
export function repels(pod: Pod): boolean {
  return required('podAntiAffinity', pod).length > 0;
}

/** Whether a term of `owner` is about the other pod: by its namespace, and by its labels. */
function concerns(term: Term, owner: Pod, { other, findNamespace }: Concern): boolean {
  const { labelSelector, namespaces = [], namespaceSelector } = term;
  const named = namespaces.length === 0 && namespaceSelector === undefined ? [namespaceOf(owner)] : namespaces;
  const inNamespace =
    named.includes(namespaceOf(other)) ||
    (namespaceSelector !== undefined && selects(namespaceSelector, findNamespace?.(namespaceOf(other)) ?? {}));
  return inNamespace && labelSelector !== undefined && selects(withKeys(labelSelector, term, owner), other);
}

interface Concern {
  readonly other: Pod;
  readonly findNamespace: SchedulingSnapshot['findNamespace'];
}

/** `matchLabelKeys` and `mismatchLabelKeys` stand for the owner's own values of these labels. */
function withKeys(selector: LabelSelectorObject, term: Term, owner: Pod): LabelSelectorObject {
  const labels = owner.metadata?.labels ?? {};
  const expressions = (keys: readonly string[] | undefined, operator: string) =>
    (keys ?? []).flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  const added = [...expressions(term.matchLabelKeys, 'In'), ...expressions(term.mismatchLabelKeys, 'NotIn')];
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

const hasTopology = (node: Node, { topologyKey }: Term): boolean => node.metadata?.labels?.[topologyKey] !== undefined;

/** The only node is every topology that it has a label of: a term is met if any pod here is concerned. */
function isAttracted(pod: Pod, { node, bound: present, findNamespace }: SchedulingSnapshot): boolean {
  const terms = required('podAffinity', pod);
  if (terms.length === 0) return true;
  const bound = present();
  if (!terms.every((term) => hasTopology(node, term))) return false;
  const matches = (other: Pod): boolean => terms.every((term) => concerns(term, pod, { other, findNamespace }));
  if (bound.some(matches)) return true;
  // The first of pods that want to be together has nobody to join.
  const anyone = bound.some((other) => terms.some((term) => concerns(term, pod, { other, findNamespace })));
  return !anyone && matches(pod);
}

/** Whether a pod that is here keeps another away, or the other way round. */
function isRepelledBy(owner: Pod, other: Pod, { node, findNamespace }: SchedulingSnapshot): boolean {
  return required('podAntiAffinity', owner).some(
    (term) => hasTopology(node, term) && concerns(term, owner, { other, findNamespace }),
  );
}

/** `InterPodAffinity` where there is one node. */
export function affinityObstacles(pod: Pod, snapshot: SchedulingSnapshot): readonly Obstacle[] {
  if (!isAttracted(pod, snapshot)) return [{ reason: "node(s) didn't match pod affinity rules", resolvable: false }];
  if (repels(pod) && snapshot.bound().some((other) => isRepelledBy(pod, other, snapshot))) {
    return [{ reason: "node(s) didn't match pod anti-affinity rules", resolvable: true }];
  }
  if (snapshot.load.repelling.some((other) => isRepelledBy(other, pod, snapshot))) {
    return [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules", resolvable: true }];
  }
  return [];
}
