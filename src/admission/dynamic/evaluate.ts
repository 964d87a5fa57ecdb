import type { Expression, NamedExpression } from '../../kinds/admission-registration/expressions.ts';
import { RUNTIME_BUDGET } from '../../machinery/cel/compile.ts';
import { CostLimitError, CostMeter } from '../../machinery/cel/evaluate.ts';
import type { CelType } from '../../machinery/cel/types.ts';
import { CelError, type ObjectValue } from '../../machinery/cel/values.ts';

/** What all match conditions of a webhook or policy may cost together. */
const CONDITIONS_BUDGET = RUNTIME_BUDGET / 4;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** An expression with its text, which errors repeat. */
export interface Sourced {
  readonly source: string;
  readonly compiled: Expression;
}

/** What an expression says, or upstream's sentence about why it says nothing. */
export type Evaluation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly outOfBudget: boolean };

function failed(message: string, outOfBudget = false): Evaluation {
  return { ok: false, message, outOfBudget };
}

/** Evaluates one expression. Never throws a CelError. */
export function evaluate({ source, compiled }: Sourced, variables: ReadonlyMap<string, unknown>, meter: CostMeter) {
  if (!compiled.ok) return failed(`compilation error: ${compiled.message}`);
  try {
    return { ok: true, value: compiled.program.evaluate(variables, meter) } as const;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const spent = error instanceof CostLimitError && meter.spent >= meter.limit;
    return spent ? failed(OUT_OF_BUDGET, true) : failed(`expression '${source}' resulted in error: ${error.message}`);
  }
}

/** A policy's variables: each is computed when something refers to it, and once. */
class ComposedVariables implements ObjectValue {
  readonly celType: CelType = { kind: 'object', name: 'kubernetes.variables', fields: new Map() };
  readonly #expressions: ReadonlyMap<string, Expression>;
  readonly #compute: (expression: Expression) => unknown;
  readonly #known = new Map<string, { readonly value?: unknown; readonly error?: CelError }>();

  constructor(expressions: readonly NamedExpression[], compute: (expression: Expression) => unknown) {
    this.#expressions = new Map(expressions.map(({ name, compiled }) => [name, compiled]));
    this.#compute = compute;
  }

  names(): readonly string[] {
    return [...this.#expressions.keys()];
  }

  get(name: string): unknown {
    const expression = this.#expressions.get(name);
    if (expression === undefined) return undefined;
    const known = this.#known.get(name) ?? this.#attempt(name, expression);
    this.#known.set(name, known);
    if (known.error !== undefined) throw known.error;
    return known.value;
  }

  #attempt(name: string, expression: Expression) {
    if (!expression.ok) {
      return { error: new CelError(`composited variable "${name}" fails to compile: ${expression.message}`) };
    }
    try {
      return { value: this.#compute(expression) };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      if (error instanceof CostLimitError) return { error };
      return { error: new CelError(`composited variable "${name}" fails to evaluate: ${error.message}`) };
    }
  }
}

/** The variables of a request with those of a policy, which are paid for from the meter. */
export function withComposed(
  variables: ReadonlyMap<string, unknown>,
  expressions: readonly NamedExpression[],
  meter: CostMeter,
): ReadonlyMap<string, unknown> {
  const all = new Map(variables);
  const compute = (expression: Expression): unknown =>
    expression.ok ? expression.program.evaluate(all, meter) : undefined;
  all.set('variables', new ComposedVariables(expressions, compute));
  return all;
}

/** Whether all match conditions hold; errors count only where none is false. */
export function matchesConditions(
  conditions: readonly Sourced[],
  variables: ReadonlyMap<string, unknown>,
  failurePolicy: string | undefined,
): boolean | { readonly error: string } {
  const meter = new CostMeter(CONDITIONS_BUDGET);
  const errors: string[] = [];
  for (const condition of conditions) {
    const result = evaluate(condition, variables, meter);
    if (result.ok && result.value === false) return false;
    if (!result.ok) errors.push(result.message);
    if (!result.ok && result.outOfBudget) break;
  }
  if (errors.length === 0) return true;
  if (failurePolicy === 'Ignore') return false;
  return { error: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` };
}
