import { invalidValue } from '../../machinery/field-path.ts';
import type { Findings } from '../validation.ts';

/** No `..` among the path's parts. */
export function validateNoBacksteps(path: string, field: string): Findings {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

/** A relative path that stays below its start. */
export function validateLocalPath(path: string, field: string): Findings {
  const absolute = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : [];
  return [...absolute, ...validateNoBacksteps(path, field)];
}

/** A local path that doesn't collide with the names that volumes use for themselves. */
export function validateFilePath(path: string, field: string): Findings {
  const reserved = path.startsWith('..') && !path.startsWith('../');
  return [
    ...validateLocalPath(path, field),
    ...(reserved ? [invalidValue(field, path, "must not start with '..'")] : []),
  ];
}
