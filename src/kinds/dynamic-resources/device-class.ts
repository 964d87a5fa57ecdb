import { invalidValue } from '../../machinery/field-path.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach } from '../each.ts';
import type { DeviceClass, Draft } from '../types.ts';
import type { Findings } from '../validation.ts';
import { MAX_ITEMS, validateOpaque, validateSelectors, validateSize } from './device-request-validation.ts';

type Object = Draft<DeviceClass>;

const CONFIG = 'spec.config';

function isExtendedResource(name: string): boolean {
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  return !native && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0;
}

function validateExtendedName(name: string | undefined): Findings {
  if (name === undefined || isExtendedResource(name)) return [];
  return [invalidValue('spec.extendedResourceName', name, 'must be a valid extended resource name')];
}

/** resource.k8s.io/v1 DeviceClass. */
export const deviceClassKind = defineKind<Object>({
  group: 'resource.k8s.io',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  namespaced: false,
  tracksGeneration: true,
  columns: [nameColumn, ageColumn],
  validate: ({ spec = {} }) => [
    ...validateSelectors(spec.selectors, 'spec.selectors'),
    ...validateSize(spec.config, CONFIG, MAX_ITEMS),
    ...validateEach(spec.config, CONFIG, validateOpaque),
    ...validateExtendedName(spec.extendedResourceName),
  ],
});
