import { ageColumn, column, nameColumn } from './columns.ts';
import { validateConfigMap, validateConfigMapUpdate } from './config-map-validation.ts';
import { defineKind } from './define-kind.ts';
import type { ConfigMap, Draft } from './types.ts';

type Object = Draft<ConfigMap>;

function entries(object: Object): number {
  return Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length;
}

/** core/v1 ConfigMap. */
export const configMapKind = defineKind<Object>({
  kind: 'ConfigMap',
  shortNames: ['cm'],
  columns: [nameColumn, column('Data', 'string', 'Number of keys.', entries), ageColumn],
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  support: { level: 'full', note: 'Environment and volumes of pods.' },
});
