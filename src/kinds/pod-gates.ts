import { semanticEqual } from '../machinery/deep.ts';
import { child, forbiddenField, index, invalidValue } from '../machinery/field-path.ts';
import type { PodSpec, Sparse } from './types.ts';
import type { Findings } from './validation.ts';

type Spec = Sparse<PodSpec>;
type NodeAffinity = NonNullable<NonNullable<Spec['affinity']>['nodeAffinity']>;
type Terms = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms'];
type Term = NonNullable<Terms>[number];

const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

/** Scheduling gates can be taken away, not added: `validateOnlyDeletedSchedulingGates`. */
export function checkGates({ schedulingGates = [] }: Spec, old: Spec): Findings {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return schedulingGates.flatMap(({ name }, position) =>
    before.has(name)
      ? []
      : [
          forbiddenField(
            child(index('spec.schedulingGates', position), 'name'),
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  );
}

/** What else a pod that waits for its gates lets be changed: its place may be narrowed, as `ValidatePodUpdate` has it. */
export function checkGatedPlace(spec: Spec, old: Spec): Findings {
  return isGated(old) ? [...checkSelector(spec, old), ...checkNodeAffinity(spec, old)] : [];
}

/** The spec with what gates let be changed set back to the old one's. */
export function setBackGated(spec: Spec, old: Spec): Spec {
  const ungated = { ...spec, schedulingGates: old.schedulingGates };
  if (!isGated(old)) return ungated;
  const { nodeAffinity: _, ...others } = spec.affinity ?? {};
  const before = old.affinity?.nodeAffinity;
  const affinity = { ...others, ...(before === undefined ? {} : { nodeAffinity: before }) };
  return { ...ungated, nodeSelector: old.nodeSelector, affinity };
}

function isGated({ schedulingGates = [] }: Spec): boolean {
  return schedulingGates.length > 0;
}

function checkSelector({ nodeSelector = {} }: Spec, old: Spec): Findings {
  const isKept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => nodeSelector[key] === value);
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return isKept ? [] : [invalidValue('spec.nodeSelector', nodeSelector, detail)];
}

function checkNodeAffinity(spec: Spec, old: Spec): Findings {
  const [terms, before] = [termsOf(spec), termsOf(old)];
  if (before.length === 0 || semanticEqual(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity)) return [];
  if (terms.length !== before.length) {
    return [invalidValue(TERMS, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return before.flatMap((term, position) =>
    isNarrowed(terms[position] ?? {}, term)
      ? []
      : [
          invalidValue(
            index(TERMS, position),
            terms[position],
            'only additions are allowed (no mutations or deletions)',
          ),
        ],
  );
}

function termsOf({ affinity }: Spec): readonly Term[] {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

/** An empty term selects nothing: with something in it, it would select more. */
function isNarrowed(term: Term, old: Term): boolean {
  const lists = [
    [term.matchExpressions ?? [], old.matchExpressions ?? []],
    [term.matchFields ?? [], old.matchFields ?? []],
  ] as const;
  const wasEmpty = lists.every(([, before]) => before.length === 0);
  if (wasEmpty) return lists.every(([now]) => now.length === 0);
  return lists.every(([now, before]) => semanticEqual(now.slice(0, before.length), before));
}
