import { child, duplicate, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1123Subdomain, isQualifiedName } from '../../machinery/names.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { CsiNode, Draft } from '../types.ts';
import {
  type Findings,
  validateImmutable,
  validateName,
  validateNonNegative,
  validateRequiredName,
} from '../validation.ts';

type Object = Draft<CsiNode>;
type Driver = NonNullable<NonNullable<Object['spec']>['drivers']>[number];

const DRIVERS = 'spec.drivers';
const MAX_NODE_ID = 256;

function validateTopologyKeys(keys: readonly string[], path: string): Findings {
  return keys.flatMap((key, position) => [
    ...(key === '' ? [required(path)] : []),
    ...(keys.indexOf(key) < position ? [duplicate(path, key)] : []),
    ...validateName(isQualifiedName, key, path),
  ]);
}

function validateDriver({ name, nodeID = '', topologyKeys = [], allocatable }: Driver, path: string): Findings {
  const field = child(path, 'nodeID');
  return [
    ...validateRequiredName(isDns1123Subdomain, name, child(path, 'name')),
    ...(nodeID === '' ? [required(field)] : []),
    ...(nodeID.length > MAX_NODE_ID ? [invalidValue(field, nodeID, `must be ${MAX_NODE_ID} characters or less`)] : []),
    ...validateNonNegative(allocatable?.count, child(path, 'allocatable', 'count')),
    ...validateTopologyKeys(topologyKeys, path),
  ];
}

/** What a driver says of itself stays; how much fits may change. */
function validateUpdate(node: Object, old: Object): Findings {
  const fixed = ({ allocatable: _, ...rest }: Driver) => rest;
  return (old.spec?.drivers ?? []).flatMap((before) => {
    const after = node.spec?.drivers?.find((driver) => driver.name === before.name);
    return after ? validateImmutable(fixed(after), fixed(before), DRIVERS) : [];
  });
}

/** storage.k8s.io/v1 CSINode. */
export const csiNodeKind = defineKind<Object>({
  group: 'storage.k8s.io',
  kind: 'CSINode',
  requiresVersion: true,
  namespaced: false,
  columns: [
    nameColumn,
    column('Drivers', 'integer', 'How many drivers the node has.', (o) => (o.spec?.drivers ?? []).length),
    ageColumn,
  ],
  validate: ({ spec }) => [
    ...validateEach(spec?.drivers, DRIVERS, validateDriver),
    ...validateUnique(spec?.drivers, DRIVERS, ({ name = '' }) => name, 'name'),
  ],
  validateUpdate,
});
