import { semanticEqual } from '../machinery/deep.ts';
import { child, forbiddenField, invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Label } from '../machinery/names.ts';
import { validateLongRunningTemplate, validateOwnSelector } from './pod-template-validation.ts';
import type { Draft, StatefulSet } from './types.ts';
import { type Findings, validateEnum, validateName, validateNonNegative } from './validation.ts';

type Object = Draft<StatefulSet>;
type Spec = NonNullable<Object['spec']>;

const UPDATABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function validateStrategy(strategy: NonNullable<Spec['updateStrategy']>): Findings {
  const path = 'spec.updateStrategy';
  const { type = '', rollingUpdate } = strategy;
  if (type === '') return [required(path)];
  if (type === 'RollingUpdate') {
    return validateNonNegative(rollingUpdate?.partition, child(path, 'rollingUpdate', 'partition'));
  }
  if (type !== 'OnDelete') return [invalidValue(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  if (!rollingUpdate) return [];
  const detail = "only allowed for updateStrategy 'RollingUpdate'";
  return [invalidValue(child(path, 'rollingUpdate'), rollingUpdate, detail)];
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: Spec): Findings {
  if (!policy) return [];
  const path = 'spec.persistentVolumeClaimRetentionPolicy';
  return (['whenDeleted', 'whenScaled'] as const).flatMap((when) =>
    validateEnum(policy[when], child(path, when), ['Retain', 'Delete'], 'optional'),
  );
}

/** `ValidateStatefulSet`. */
export function validateStatefulSet(set: Object): Findings {
  const spec = set.spec ?? {};
  const management = spec.podManagementPolicy;
  return [
    ...validateEnum(management, 'spec.podManagementPolicy', ['OrderedReady', 'Parallel'], 'optional').map((error) =>
      invalidValue(error.field, management, "must be 'OrderedReady' or 'Parallel'"),
    ),
    ...validateStrategy(spec.updateStrategy ?? {}),
    ...validateRetention(spec),
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateNonNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...(spec.serviceName ? validateName(isDns1123Label, spec.serviceName, 'spec.serviceName') : []),
    ...validateOwnSelector(spec.selector, spec.template, 'statefulset'),
    ...validateLongRunningTemplate(spec.template, 'spec.template', 'StatefulSet'),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

function fixedPart(spec: Spec): Spec {
  return Object.fromEntries(
    Object.entries(spec).filter(([field]) => !(UPDATABLE as readonly string[]).includes(field)),
  );
}

/** `ValidateStatefulSetUpdate`. */
export function validateStatefulSetUpdate(set: Object, old: Object): Findings {
  if (semanticEqual(fixedPart(set.spec ?? {}), fixedPart(old.spec ?? {}))) return [];
  const names = UPDATABLE.map((field) => `'${field}'`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}
