import type { KubernetesObject } from '../../machinery/object.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';

/** Evaluates the rules of a schema for an object. */
export type RulesCheck = (object: KubernetesObject, old: KubernetesObject | undefined) => Findings;

/** Compiles a schema's rules. */
export function compileRules(_schema: StructuralSchema): RulesCheck {
  return () => [];
}
