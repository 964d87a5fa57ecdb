import { encodeBase64 } from './base64.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateSecret, validateSecretUpdate } from './secret-validation.ts';
import type { Draft, Secret } from './types.ts';

type Object = Draft<Secret>;

function mergeStringData(object: Object): Object {
  const { stringData, ...rest } = object;
  if (stringData === undefined) return object;
  const added = Object.entries(stringData).map(([key, text]) => [key, encodeBase64(String(text))]);
  const data = { ...object.data, ...Object.fromEntries(added) };
  return Object.keys(data).length === 0 ? rest : { ...rest, data };
}

/** core/v1 Secret. `stringData` is written, never read back. */
export const secretKind = defineKind<Object>({
  kind: 'Secret',
  columns: [
    nameColumn,
    column('Type', 'string', 'What the data is for.', (o) => o.type ?? ''),
    column('Data', 'string', 'Number of keys.', (o) => Object.keys(o.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: { type: (o) => o.type ?? '' },
  prepareForUpdate: (object, old) => (object.type ? object : { ...object, type: old.type }),
  defaults: (object) => {
    const merged = mergeStringData(object);
    return merged.type ? merged : { ...merged, type: 'Opaque' };
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  support: { level: 'full', note: 'Environment and volumes of pods.' },
});
