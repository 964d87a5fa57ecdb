import type { Node, Pod } from '../../kinds/types.ts';
import { type LabelOperator, matchesLabels } from '../../machinery/selectors.ts';
import { nameOf } from '../meta.ts';

type Affinity = NonNullable<NonNullable<NonNullable<Pod['spec']>['affinity']>['nodeAffinity']>;
type Term = NonNullable<Affinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms'][number];
type Requirement = NonNullable<Term['matchExpressions']>[number];

const OPERATORS: { readonly [operator: string]: LabelOperator } = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

function holds({ key, operator, values = [] }: Requirement, labels: { readonly [key: string]: string }): boolean {
  const known = OPERATORS[operator];
  return known !== undefined && matchesLabels([{ key, operator: known, values }], labels);
}

/** A term without any requirement selects nothing, as upstream. */
function termMatches({ matchExpressions = [], matchFields = [] }: Term, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const fields = { 'metadata.name': nameOf(node) };
  return (
    matchExpressions.every((r) => holds(r, node.metadata?.labels ?? {})) && matchFields.every((r) => holds(r, fields))
  );
}

/** Whether one of a selector's terms selects the node. */
export function matchesNodeSelector(
  { nodeSelectorTerms }: { readonly nodeSelectorTerms: readonly Term[] },
  node: Node,
): boolean {
  return nodeSelectorTerms.some((term) => termMatches(term, node));
}

/** Whether the pod's nodeSelector and required node affinity allow the node. */
export function nodeMatches(pod: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  const selected = Object.entries(pod.spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (required === undefined || matchesNodeSelector(required, node));
}
