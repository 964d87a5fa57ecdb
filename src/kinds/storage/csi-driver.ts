import { child, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { CsiDriver, Draft } from '../types.ts';
import { type Findings, validateImmutable } from '../validation.ts';

type Object = Draft<CsiDriver>;
type Spec = NonNullable<Object['spec']>;
type TokenRequest = NonNullable<Spec['tokenRequests']>[number];

const POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const MODES = ['Persistent', 'Ephemeral'];
const UNSET = '<unset>';
const TEN_MINUTES = 600;
const SHORTEST_PERIOD = 10;

function joined(items: readonly (string | undefined)[] | undefined, none: string): string {
  return items && items.length > 0 ? items.join(',') : none;
}

/** `SetDefaults_CSIDriver`. */
function applyDefaults(driver: Object): Object {
  const { spec = {} } = driver;
  return {
    ...driver,
    spec: {
      ...spec,
      attachRequired: spec.attachRequired ?? true,
      podInfoOnMount: spec.podInfoOnMount ?? false,
      storageCapacity: spec.storageCapacity ?? false,
      fsGroupPolicy: spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: spec.volumeLifecycleModes?.length ? spec.volumeLifecycleModes : ['Persistent'],
      requiresRepublish: spec.requiresRepublish ?? false,
      seLinuxMount: spec.seLinuxMount ?? false,
    },
  };
}

function validateTokenRequest({ expirationSeconds: seconds }: TokenRequest, path: string): Findings {
  const field = child(path, 'expirationSeconds');
  if (seconds === undefined) return [];
  if (seconds < TEN_MINUTES) return [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > 2 ** 32 ? [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')] : [];
}

/** `ValidateCSIDriver`. */
function validate({ spec = {} }: Object): Findings {
  const { fsGroupPolicy: policy, nodeAllocatableUpdatePeriodSeconds: period } = spec;
  const needed = ['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const;
  return [
    ...needed.filter((field) => spec[field] === undefined).map((field) => required(`spec.${field}`)),
    ...(policy === undefined || POLICIES.includes(policy)
      ? []
      : [notSupported('spec.fsGroupPolicy', policy, POLICIES)]),
    ...validateUnique(spec.tokenRequests, 'spec.tokenRequests', ({ audience = '' }) => audience, 'audience'),
    ...validateEach(spec.tokenRequests, 'spec.tokenRequests', validateTokenRequest),
    ...validateEach(spec.volumeLifecycleModes, 'spec.volumeLifecycleModes', (mode) =>
      MODES.includes(mode) ? [] : [notSupported('spec.volumeLifecycleModes', mode, MODES)],
    ),
    ...(period !== undefined && period < SHORTEST_PERIOD
      ? [invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
      : []),
  ];
}

/** storage.k8s.io/v1 CSIDriver. */
export const csiDriverKind = defineKind<Object>({
  group: 'storage.k8s.io',
  kind: 'CSIDriver',
  requiresVersion: true,
  namespaced: false,
  columns: [
    nameColumn,
    column('AttachRequired', 'boolean', 'Whether volumes are attached first.', (o) => o.spec?.attachRequired ?? true),
    column('PodInfoOnMount', 'boolean', 'Whether it is told about the pod.', (o) => o.spec?.podInfoOnMount ?? false),
    column('StorageCapacity', 'boolean', 'Whether it says how much is left.', (o) => o.spec?.storageCapacity ?? false),
    column('TokenRequests', 'string', 'Audiences of the tokens that it gets.', (o) =>
      joined(
        o.spec?.tokenRequests?.map((request) => request.audience),
        UNSET,
      ),
    ),
    column(
      'RequiresRepublish',
      'boolean',
      'Whether it is called again and again.',
      (o) => o.spec?.requiresRepublish ?? false,
    ),
    column('Modes', 'string', 'Kinds of volumes that it makes.', (o) => joined(o.spec?.volumeLifecycleModes, '<none>')),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate,
  validateUpdate: (driver, old) => [
    ...validateImmutable(driver.spec?.attachRequired, old.spec?.attachRequired, 'spec.attachedRequired'),
    ...validateImmutable(
      driver.spec?.volumeLifecycleModes,
      old.spec?.volumeLifecycleModes,
      'spec.volumeLifecycleModes',
    ),
  ],
});
