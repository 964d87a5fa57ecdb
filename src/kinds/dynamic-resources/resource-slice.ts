import { child, invalidValue, required, tooLong } from '../../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../machinery/names.ts';
import { ageColumn, column, nameColumn, orElse } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { Draft, ResourceSlice } from '../types.ts';
import { type Findings, validateImmutable, validateName, validateRequiredName } from '../validation.ts';
import { validateDriverName, validateSize } from './device-request-validation.ts';

type Slice = Draft<ResourceSlice>;
type Spec = NonNullable<Slice['spec']>;
type Pool = NonNullable<Spec['pool']>;

const MAX_DEVICES = 128;
const MAX_DEVICES_WITH_TAINTS = 64;
const MAX_POOL_NAME = 253;
const MAX_COUNTER_SETS = 8;
const PLACES = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function validatePool(pool: Pool, path: string): Findings {
  const { name = '', resourceSliceCount: count = 0, generation = 0 } = pool;
  const field = child(path, 'name');
  return [
    ...(name === ''
      ? [required(field)]
      : name.split('/').flatMap((part) => validateName(isDns1123Subdomain, part, field))),
    ...(name.length > MAX_POOL_NAME ? [tooLong(field, MAX_POOL_NAME)] : []),
    ...(count <= 0 ? [invalidValue(child(path, 'resourceSliceCount'), count, 'must be greater than zero')] : []),
    ...(generation < 0
      ? [invalidValue(child(path, 'generation'), generation, 'must be greater than or equal to zero')]
      : []),
  ];
}

function validateFlag(value: boolean | undefined, path: string): Findings {
  return value === false ? [invalidValue(path, value, 'must be either unset or set to true')] : [];
}

/** Devices are on one node, on those of a selector, on all, or each says where it is. */
function validatePlace(spec: Spec): Findings {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const terms = nodeSelector?.nodeSelectorTerms ?? [];
  const selector = 'spec.nodeSelector.nodeSelectorTerms';
  const given = Object.entries({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection })
    .filter(([, value]) => Boolean(value))
    .map(([name]) => `\`${name}\``);
  return [
    ...(nodeName === ''
      ? [invalidValue('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string')]
      : []),
    ...(nodeName ? validateName(isDns1123Subdomain, nodeName, 'spec.nodeName') : []),
    ...(nodeSelector && terms.length !== 1
      ? [invalidValue(selector, terms, 'must have exactly one node selector term')]
      : []),
    ...validateFlag(allNodes, 'spec.allNodes'),
    ...validateFlag(perDeviceNodeSelection, 'spec.perDeviceNodeSelection'),
    ...(given.length === 0 ? [required('spec', PLACES)] : []),
    ...(given.length > 1
      ? [invalidValue('spec', `{${given.join(', ')}}`, `${PLACES}, but multiple fields are set`)]
      : []),
  ];
}

function validateDevices(spec: Spec): Findings {
  const { devices, sharedCounters } = spec;
  const special = (devices ?? []).some((device) => device.taints?.length || device.consumesCounters?.length);
  const both = devices !== undefined && sharedCounters !== undefined;
  return [
    ...(both ? [invalidValue('spec', '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...validateSize(devices, 'spec.devices', special ? MAX_DEVICES_WITH_TAINTS : MAX_DEVICES),
    ...validateEach(devices, 'spec.devices', ({ name }, path) =>
      validateRequiredName(isDns1123Label, name, child(path, 'name')),
    ),
    ...validateUnique(devices, 'spec.devices', ({ name = '' }) => name),
    ...validateSize(sharedCounters, 'spec.sharedCounters', MAX_COUNTER_SETS),
    ...validateUnique(sharedCounters, 'spec.sharedCounters', ({ name = '' }) => name),
  ];
}

function validateUpdate({ spec = {} }: Slice, { spec: old = {} }: Slice): Findings {
  return [
    ...validateImmutable(spec.pool?.name, old.pool?.name, 'spec.pool.name'),
    ...validateImmutable(spec.driver, old.driver, 'spec.driver'),
    ...validateImmutable(spec.nodeName, old.nodeName, 'spec.nodeName'),
  ];
}

/** resource.k8s.io/v1 ResourceSlice. */
export const resourceSliceKind = defineKind<Slice>({
  group: 'resource.k8s.io',
  kind: 'ResourceSlice',
  namespaced: false,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Node', 'string', 'Node that the devices are on.', (o) => orElse(o.spec?.nodeName, '<unset>')),
    column('Driver', 'string', 'Driver that reports them.', (o) => o.spec?.driver ?? ''),
    column('Pool', 'string', 'Pool that they belong to.', (o) => o.spec?.pool?.name ?? ''),
    ageColumn,
  ],
  selectableFields: { 'spec.nodeName': (o) => o.spec?.nodeName ?? '', 'spec.driver': (o) => o.spec?.driver ?? '' },
  validate: ({ spec = {} }) => [
    ...validateDriverName(spec.driver, 'spec.driver'),
    ...validatePool(spec.pool ?? {}, 'spec.pool'),
    ...validatePlace(spec),
    ...validateDevices(spec),
  ],
  validateUpdate,
});
