import { approvalOf, isProtectedGroup } from '../kinds/custom/approval.ts';
import { withCondition } from '../kinds/custom/cleanup.ts';
import type { CustomCondition, CustomNames, CustomResourceDefinition } from '../kinds/custom/types.ts';
import { isConditionTrue } from '../machinery/conditions.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatTime } from '../machinery/time.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clock } from './clock.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { kindOf, resourceOf } from './resources.ts';

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

/** Names that other definitions of a group, or kinds of the house, have already. */
export interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

interface Verdict {
  readonly accepted: CustomNames;
  readonly conflict?: { readonly reason: string; readonly message: string };
}

/** Upstream's order of names, each with the reason that its conflict gives. */
const NAMES = [
  ['plural', 'PluralConflict', 'resources'],
  ['singular', 'SingularConflict', 'resources'],
  ['shortNames', 'ShortNamesConflict', 'resources'],
  ['kind', 'KindConflict', 'kinds'],
  ['listKind', 'ListKindConflict', 'kinds'],
] as const;

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function inUse(names: readonly string[]): string {
  const lines = names.map((name) => `${JSON.stringify(name)} is already in use`);
  return lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
}

/** Which of the wanted names the definition gets; those that it has it keeps. Pure. */
export function judgeNames({ spec, status }: CustomResourceDefinition, taken: TakenNames): Verdict {
  const wanted = spec?.names ?? {};
  const before = status?.acceptedNames ?? {};
  let conflict: Verdict['conflict'];
  const accepted: { -readonly [name in keyof CustomNames]: CustomNames[name] } = { ...before };
  for (const [name, reason, pool] of NAMES) {
    const refused = listOf(wanted[name]).filter(
      (each) => !listOf(before[name]).includes(each) && taken[pool].has(each),
    );
    if (refused.length > 0) conflict = { reason, message: inUse(refused) };
    else Object.assign(accepted, { [name]: wanted[name] });
  }
  return { accepted: { ...accepted, categories: wanted.categories }, ...(conflict ? { conflict } : {}) };
}

function conditionsOf(crd: CustomResourceDefinition, { conflict }: Verdict): readonly CustomCondition[] {
  const names: CustomCondition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  if (isConditionTrue(crd.status?.conditions, 'Established')) return [names];
  const established: CustomCondition = conflict
    ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    : {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };
  return [names, established];
}

const APPROVAL_REASONS = {
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
} as const;

function approvalConditions({ metadata, spec }: CustomResourceDefinition): readonly CustomCondition[] {
  if (!isProtectedGroup(spec?.group ?? '')) return [];
  const { state, reason: message } = approvalOf(metadata?.annotations);
  const type = 'KubernetesAPIApprovalPolicyConformant';
  return [{ type, status: state === 'approved' ? 'True' : 'False', reason: APPROVAL_REASONS[state], message }];
}

/** The definition with its names and conditions as they should be. Pure. */
export function establish(crd: CustomResourceDefinition, taken: TakenNames, now: string): CustomResourceDefinition {
  const verdict = judgeNames(crd, taken);
  const conditions = [...conditionsOf(crd, verdict), ...approvalConditions(crd)];
  const named: CustomResourceDefinition = { ...crd, status: { ...crd.status, acceptedNames: verdict.accepted } };
  return conditions.reduce<CustomResourceDefinition>(
    (object, condition) => withCondition(object, condition, now),
    named,
  );
}

function takenBy(others: readonly CustomResourceDefinition[]): TakenNames {
  const names = others.map(({ status }) => status?.acceptedNames ?? {});
  return {
    resources: new Set(names.flatMap((n) => [...listOf(n.plural), ...listOf(n.singular), ...listOf(n.shortNames)])),
    kinds: new Set(names.flatMap((n) => [...listOf(n.kind), ...listOf(n.listKind)])),
  };
}

/** Gives definitions their names and establishes them; from then on their objects are served. */
export function customResourceDefinitionNames(options: {
  readonly registry: Registry;
  readonly clock: Clock;
}): Controller {
  const { registry, clock } = options;
  const definitions = resourceOf<CustomResourceDefinition>(registry, kindOf(registry, DEFINITIONS));
  const inGroup = (group: string | undefined): readonly CustomResourceDefinition[] =>
    definitions.list().filter(({ spec }) => spec?.group === group);
  return {
    name: 'custom-resource-definition-names',
    inputs: [
      // A name that one gives back may be what another of its group waits for.
      {
        resource: DEFINITIONS,
        keys: ({ entry }) => inGroup((entry.object as CustomResourceDefinition).spec?.group).map(nameOf),
      },
    ],
    outputs: [{ what: `${DEFINITIONS}#status.acceptedNames`, mode: 'exclusive' }],
    reconcile: async (name) => {
      const crd = definitions.find('', name);
      if (crd === undefined) return undefined;
      const others = inGroup(crd.spec?.group).filter((other) => nameOf(other) !== name);
      const now = formatTime(clock.now());
      const { status } = establish(crd, takenBy(others), now);
      if (semanticEqual(status, crd.status)) return undefined;
      await definitions.modify(crd, (current) => establish(current, takenBy(others), now), 'status');
      return undefined;
    },
  };
}
