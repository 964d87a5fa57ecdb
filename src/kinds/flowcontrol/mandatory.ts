import { semanticEqual } from '../../machinery/deep.ts';
import { invalidValue } from '../../machinery/field-path.ts';
import type { FlowSchema, PriorityLevelConfiguration, Sparse } from '../types.ts';
import type { Findings } from '../validation.ts';

type SchemaSpec = NonNullable<Sparse<FlowSchema>['spec']>;
type LevelSpec = NonNullable<Sparse<PriorityLevelConfiguration>['spec']>;

const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

function group(name: string) {
  return { kind: 'Group', group: { name } };
}

/** The flow schemas that every cluster has, as they must be. */
export const mandatoryFlowSchemas: { readonly [name: string]: SchemaSpec } = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [group('system:masters')], ...EVERYTHING }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: [group('system:unauthenticated'), group('system:authenticated')], ...EVERYTHING }],
  },
};

/** The priority levels that every cluster has. Of `exempt`, only the shares may be changed. */
export const mandatoryPriorityLevels: { readonly [name: string]: LevelSpec } = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
};

function validateFixed(name: string, spec: object, fixed: object | undefined): Findings {
  if (fixed === undefined || semanticEqual(spec, fixed)) return [];
  return [invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`)];
}

function fixedOf<T>(specs: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(specs, name) ? specs[name] : undefined;
}

/** That a mandatory schema is as it must be. */
export function validateMandatorySchema(name: string, spec: SchemaSpec): Findings {
  return validateFixed(name, spec, fixedOf(mandatoryFlowSchemas, name));
}

/** That a mandatory level is as it must be. */
export function validateMandatoryLevel(name: string, spec: LevelSpec): Findings {
  const fixed = fixedOf(mandatoryPriorityLevels, name);
  if (fixed === undefined || name !== 'exempt') return validateFixed(name, spec, fixed);
  return validateFixed(name, { ...spec, exempt: fixed.exempt }, fixed);
}
