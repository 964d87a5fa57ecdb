import { child, forbiddenField, index, invalidValue, required } from '../../machinery/field-path.ts';
import type { Sparse, Volume } from '../types.ts';
import type { Findings } from '../validation.ts';
import { VOLUME_FIELDS, validateFieldRef, validateResourceRef } from './env-validation.ts';
import { validateFilePath } from './path-validation.ts';

type Projected = NonNullable<Sparse<Volume>['projected']>;
type Projection = NonNullable<Projected['sources']>[number];
type DownwardFiles = NonNullable<Sparse<Volume>['downwardAPI']>['items'];
type KeyToPath = { readonly key?: string; readonly path?: string; readonly mode?: number };

const MAX_MODE = 0o777;
const MIN_TOKEN_SECONDS = 600;
const SOURCES = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const;

/** Permission bits of files. */
export function validateMode(mode: number | undefined, field: string): Findings {
  if (mode === undefined || (mode >= 0 && mode <= MAX_MODE)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateTarget(path: string | undefined, field: string): Findings {
  return path ? validateFilePath(path, field) : [required(field)];
}

/** `validateKeyToPath` of each. */
export function validateItems(items: readonly KeyToPath[] | undefined, path: string): Findings {
  return (items ?? []).flatMap((item, position) => {
    const at = index(path, position);
    return [
      ...(item.key ? [] : [required(child(at, 'key'))]),
      ...validateTarget(item.path, child(at, 'path')),
      ...validateMode(item.mode, child(at, 'mode')),
    ];
  });
}

/** `validateDownwardAPIVolumeFile` of each; upstream names the source, not the item. */
export function validateDownwardFiles(files: DownwardFiles, path: string): Findings {
  return (files ?? []).flatMap((file) => {
    const { fieldRef, resourceFieldRef } = file;
    const neither = !fieldRef && !resourceFieldRef;
    const both = 'fieldRef and resourceFieldRef can not be specified simultaneously';
    return [
      ...validateTarget(file.path, child(path, 'path')),
      ...(fieldRef ? validateFieldRef(fieldRef, child(path, 'fieldRef'), VOLUME_FIELDS) : []),
      ...(fieldRef && resourceFieldRef ? [invalidValue(path, 'resource', both)] : []),
      ...(!fieldRef && resourceFieldRef
        ? validateResourceRef(resourceFieldRef, child(path, 'resourceFieldRef'), true)
        : []),
      ...(neither ? [required(path, 'one of fieldRef and resourceFieldRef is required')] : []),
      ...validateMode(file.mode, child(path, 'mode')),
    ];
  });
}

function validateToken(token: NonNullable<Projection['serviceAccountToken']>, path: string): Findings {
  const seconds = token.expirationSeconds ?? MIN_TOKEN_SECONDS;
  const field = child(path, 'expirationSeconds');
  return [
    ...(seconds < MIN_TOKEN_SECONDS
      ? [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...validateTarget(token.path, child(path, 'path')),
  ];
}

function validateProjection(source: Projection, path: string): Findings {
  const set = SOURCES.filter((name) => source[name] !== undefined && source[name] !== null);
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  return [
    ...(set.length === 0 ? [required(path, 'must specify a projected volume source type')] : []),
    ...set
      .slice(1)
      .map((name) => forbiddenField(child(path, name), 'may not specify more than 1 volume type per source')),
    ...(secret && !secret.name ? [required(child(path, 'secret', 'name'))] : []),
    ...validateItems(secret?.items, child(path, 'secret', 'items')),
    ...(configMap && !configMap.name ? [required(child(path, 'configMap', 'name'))] : []),
    ...validateItems(configMap?.items, child(path, 'configMap', 'items')),
    ...validateDownwardFiles(downwardAPI?.items, child(path, 'downwardAPI')),
    ...(serviceAccountToken ? validateToken(serviceAccountToken, child(path, 'serviceAccountToken')) : []),
  ];
}

/** `validateProjectedVolumeSource`. */
export function validateProjected(projected: Projected, path: string): Findings {
  return [
    ...validateMode(projected.defaultMode, child(path, 'defaultMode')),
    ...(projected.sources ?? []).flatMap((source, position) =>
      validateProjection(source, index(child(path, 'sources'), position)),
    ),
  ];
}
