import { child, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1123Label, validateLabelKey } from '../../machinery/names.ts';
import { validateEach } from '../each.ts';
import type { Affinity, Sparse } from '../types.ts';
import { type Findings, validateLabelSelector, validateName } from '../validation.ts';
import { validateNodeSelector, validateNodeSelectorTerm } from './node-selector-validation.ts';

type Node = NonNullable<Sparse<Affinity>['nodeAffinity']>;
type Pods = NonNullable<Sparse<Affinity>['podAffinity']>;
type Term = NonNullable<Pods['requiredDuringSchedulingIgnoredDuringExecution']>[number];

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateWeight(weight: number | undefined, path: string): Findings {
  const value = weight ?? 0;
  return value >= 1 && value <= 100 ? [] : [invalidValue(child(path, 'weight'), value, 'must be in the range 1-100')];
}

function validateNodeAffinity(affinity: Node, path: string): Findings {
  const needed = affinity[REQUIRED];
  return [
    ...(needed ? validateNodeSelector(needed, child(path, REQUIRED)) : []),
    ...validateEach(affinity[PREFERRED], child(path, PREFERRED), ({ weight, preference = {} }, at) => [
      ...validateWeight(weight, at),
      ...validateNodeSelectorTerm(preference, child(at, 'preference')),
    ]),
  ];
}

function validateTerm(term: Term, path: string): Findings {
  const { topologyKey = '', namespaces = [] } = term;
  const field = child(path, 'topologyKey');
  return [
    ...validateLabelSelector(term.labelSelector, child(path, 'labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, child(path, 'namespaceSelector')),
    ...namespaces.flatMap((name) => validateName(isDns1123Label, name, child(path, 'namespace'))),
    ...(topologyKey === '' ? [required(field, 'can not be empty')] : []),
    ...validateLabelKey(topologyKey, field),
  ];
}

function validatePodAffinity(affinity: Pods, path: string): Findings {
  return [
    ...validateEach(affinity[REQUIRED], child(path, REQUIRED), validateTerm),
    ...validateEach(affinity[PREFERRED], child(path, PREFERRED), ({ weight, podAffinityTerm = {} }, at) => [
      ...validateWeight(weight, at),
      ...validateTerm(podAffinityTerm, child(at, 'podAffinityTerm')),
    ]),
  ];
}

/** `validateAffinity`. */
export function validateAffinity(affinity: Sparse<Affinity> | undefined, path: string): Findings {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, child(path, 'nodeAffinity')) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, child(path, 'podAffinity')) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, child(path, 'podAntiAffinity')) : []),
  ];
}
