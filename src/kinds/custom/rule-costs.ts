import { declaredSizes, mostPerRequest } from '../../machinery/cel/declared-sizes.ts';
import { child, forbiddenField } from '../../machinery/field-path.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';
import type { CompiledRule } from './compile-rule.ts';

/** What one expression may cost at most, and all of a schema together. */
const EXPRESSION_LIMIT = 10_000_000;
const SCHEMA_LIMIT = 100_000_000;
const SHOWN = 4;
const ADVICE =
  'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';

/** What an expression may cost, with all the times that it may be asked. */
export interface RuleCost {
  readonly path: string;
  readonly cost: number;
}

function excess(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${shown} (${ADVICE})`;
}

/** How often the values of a schema may be there, given how often what holds them may; undefined: nothing bounds it. */
export function memberCardinality(schema: StructuralSchema, own: number | undefined): number | undefined {
  if (own === undefined) return undefined;
  const { type, additionalProperties: values, maxProperties, maxItems } = schema;
  if (type === 'array') return maxItems === undefined ? undefined : own * Math.max(maxItems, 0);
  if (type !== 'object' || values === undefined) return own;
  return maxProperties === undefined ? undefined : own * Math.max(maxProperties, 0);
}

/** What a rule's expressions may cost in an object. */
export function costsOf(
  { program, message }: CompiledRule,
  scope: StructuralSchema,
  { at, cardinality }: { readonly at: string; readonly cardinality: number | undefined },
): { readonly costs: readonly RuleCost[]; readonly findings: Findings } {
  const sizes = declaredSizes(scope);
  const rule = { path: child(at, 'rule'), cost: program.estimate(sizes) * (cardinality ?? mostPerRequest(scope)) };
  const made = message && { path: child(at, 'messageExpression'), cost: message.estimate(sizes) };
  const costs = made === undefined ? [rule] : [rule, made];
  const findings = costs
    .filter(({ cost }) => cost > EXPRESSION_LIMIT)
    .map((each) => {
      const what = each === rule ? 'estimated rule cost' : 'estimated messageExpression cost';
      return forbiddenField(each.path, excess(what, each.cost, EXPRESSION_LIMIT));
    });
  return { costs, findings };
}

/** What is wrong with the costs of all rules of a schema together. */
export function validateTotalCost(costs: readonly RuleCost[], path: string): Findings {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= SCHEMA_LIMIT) return [];
  const dear = costs.filter(({ cost }) => cost >= SCHEMA_LIMIT / 100).sort((a, b) => b.cost - a.cost);
  const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...dear.slice(0, SHOWN).map((each) => forbiddenField(each.path, contributed)),
    forbiddenField(path, excess(what, total, SCHEMA_LIMIT)),
  ];
}
