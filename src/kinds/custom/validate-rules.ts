import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';

/** Whether the rules of a sound schema can be compiled. */
export function validateRules(_schema: StructuralSchema, _path: string): Findings {
  return [];
}
