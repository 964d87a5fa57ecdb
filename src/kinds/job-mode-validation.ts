import { child, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import type { JobSpec, Sparse } from './types.ts';
import type { Findings } from './validation.ts';

type Spec = Sparse<JobSpec>;

/** How long the lists of indexes in a status may become. */
const MOST_INDEXES = 100_000;
/** From so many completions on, with a limit per index, the other numbers are smaller. */
const MANY_COMPLETIONS = 100_000;
const MOST_AMONG_MANY = 10_000;

type Limited = 'parallelism' | 'maxFailedIndexes';

function above(spec: Spec, field: Limited, { most, path, why = '' }: { most: number; path: string; why?: string }) {
  const value = spec[field];
  if (value === undefined || value <= most) return [];
  return [invalidValue(child(path, field), value, `must be less than or equal to ${most}${why}`)];
}

function validateMany(spec: Spec, path: string): Findings {
  if ((spec.completions ?? 0) <= MANY_COMPLETIONS || spec.backoffLimitPerIndex === undefined) return [];
  const why = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  const unspecified = `must be specified when completions is above ${MANY_COMPLETIONS}`;
  return [
    ...(spec.maxFailedIndexes === undefined ? [required(child(path, 'maxFailedIndexes'), unspecified)] : []),
    ...above(spec, 'parallelism', { most: MOST_AMONG_MANY, path, why }),
    ...above(spec, 'maxFailedIndexes', { most: MOST_AMONG_MANY, path, why }),
  ];
}

function validateIndexed(spec: Spec, path: string): Findings {
  const { completions, maxFailedIndexes = 0 } = spec;
  const failed = child(path, 'maxFailedIndexes');
  return [
    ...(completions === undefined ? [required(child(path, 'completions'), 'when completion mode is Indexed')] : []),
    ...above(spec, 'parallelism', { most: MOST_INDEXES, path, why: ' when completion mode is Indexed' }),
    ...(completions !== undefined && maxFailedIndexes > completions
      ? [invalidValue(failed, maxFailedIndexes, 'must be less than or equal to completions')]
      : []),
    ...above(spec, 'maxFailedIndexes', { most: MOST_INDEXES, path }),
    ...validateMany(spec, path),
  ];
}

/** The part of `validateJobSpec` about the completion mode and what depends on it. */
export function validateCompletionMode(spec: Spec, path: string): Findings {
  const { completionMode: mode = 'NonIndexed' } = spec;
  if (mode === 'Indexed') return validateIndexed(spec, path);
  if (mode !== 'NonIndexed') return [notSupported(child(path, 'completionMode'), mode, ['NonIndexed', 'Indexed'])];
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((field) =>
    spec[field] === undefined
      ? []
      : [invalidValue(child(path, field), spec[field], 'requires indexed completion mode')],
  );
}
