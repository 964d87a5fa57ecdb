import { semanticEqual } from '../../machinery/deep.ts';
import { forbiddenField } from '../../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Draft, VolumeAttributesClass } from '../types.ts';
import { validateParameters, validateProvisioner } from './class-parameters.ts';

type Object = Draft<VolumeAttributesClass>;

const FIXED = ['driverName', 'parameters'] as const;

/** storage.k8s.io/v1 VolumeAttributesClass. */
export const volumeAttributesClassKind = defineKind<Object>({
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  namespaced: false,
  columns: [
    nameColumn,
    column('DriverName', 'string', 'Driver that knows the attributes.', (o) => o.driverName ?? ''),
    ageColumn,
  ],
  validate: (o) => [
    ...validateProvisioner(o.driverName, 'driverName'),
    ...validateParameters(o.parameters, 'parameters', 'refused'),
  ],
  validateUpdate: (o, old) =>
    FIXED.filter((field) => !semanticEqual(o[field], old[field])).map((field) =>
      forbiddenField(field, `updates to ${field} are forbidden.`),
    ),
});
