import {
  compileExpression,
  compileVariables,
  type ExpressionScope,
  type NamedExpression,
  paramScope,
  type RETURNS,
} from '../../kinds/admission-registration/expressions.ts';
import type { Sourced } from '../dynamic/evaluate.ts';

/** The parts of a policy that both kinds have. */
interface Spec {
  readonly paramKind?: object;
  readonly variables?: readonly { readonly name?: string; readonly expression?: string }[];
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

/** What both kinds of policies are compiled to. */
export interface CompiledPolicy {
  readonly variables: readonly NamedExpression[];
  readonly conditions: readonly Sourced[];
}

/** Compiles the expressions of one policy. */
export type PolicyCompiler = (source: string, use: keyof typeof RETURNS, scope?: Partial<ExpressionScope>) => Sourced;

/** The policy's variables and conditions, and what compiles its other expressions. */
export function compilePolicy(spec: Spec): CompiledPolicy & { readonly compile: PolicyCompiler } {
  const scope = { ...paramScope(spec.paramKind), authorizer: true };
  const { compiled, types } = compileVariables(spec.variables, scope);
  const full = { ...scope, variables: types };
  const compile: PolicyCompiler = (source, use, more = {}) => ({
    source,
    compiled: compileExpression(source, { ...full, ...more }, use),
  });
  const conditions = (spec.matchConditions ?? []).map(({ expression = '' }) => compile(expression, 'condition'));
  return { variables: compiled, conditions, compile };
}
