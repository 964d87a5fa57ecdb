import { child, index, invalidValue, key } from '../../machinery/field-path.ts';
import type { StructuralSchema, ValidationRule } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';
import { type CompiledRule, compileRule, scopeSchema } from './compile-rule.ts';
import { costsOf, memberCardinality, type RuleCost, validateTotalCost } from './rule-costs.ts';

/** A place in the schema; `uncorrelatable` is the first place above it whose old value can't be told. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  readonly uncorrelatable: string | undefined;
  /** How often it may be there in an object; undefined where nothing bounds it. */
  readonly cardinality: number | undefined;
  /** Collects what all rules of the schema may cost. */
  readonly costs: RuleCost[];
}

/** The rule as upstream's internal type prints it. */
function printed(rule: ValidationRule): object {
  return {
    Rule: rule.rule ?? '',
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

function validateRule(rule: ValidationRule, scope: StructuralSchema, at: string, place: Place): Findings {
  const outcome = compileRule(rule, scope);
  if (!outcome.ok) return [invalidValue(child(at, outcome.part), printed(rule), outcome.detail)];
  const { costs, findings } = costsOf(outcome.rule, scope, { at, cardinality: place.cardinality });
  place.costs.push(...costs);
  return [...findings, ...validateOldSelf(rule, outcome.rule, at, place)];
}

function validateOldSelf(rule: ValidationRule, { usesOldSelf }: CompiledRule, at: string, place: Place): Findings {
  if (usesOldSelf && place.uncorrelatable !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    return [invalidValue(child(at, 'rule'), rule.rule, detail)];
  }
  if (usesOldSelf || rule.optionalOldSelf === undefined) return [];
  const detail = 'may not be set if oldSelf is not used in rule';
  return [invalidValue(child(at, 'optionalOldSelf'), rule.optionalOldSelf, detail)];
}

function validateMembers(schema: StructuralSchema, place: Place): Findings {
  const { properties = {}, additionalProperties: values, items } = schema;
  const { path } = place;
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? path : undefined;
  const keyed = schema['x-kubernetes-list-type'] === 'map' ? undefined : path;
  const inner = (at: string, first: string | undefined): Place => ({
    path: at,
    isRoot: false,
    cardinality: memberCardinality(schema, place.cardinality),
    costs: place.costs,
    uncorrelatable: place.uncorrelatable ?? first,
  });
  return [
    ...Object.entries(properties).flatMap(([name, property]) =>
      validatePlace(property, inner(key(child(path, 'properties'), name), atomic)),
    ),
    ...(typeof values === 'object' ? validatePlace(values, inner(child(path, 'additionalProperties'), atomic)) : []),
    ...(items === undefined ? [] : validatePlace(items, inner(child(path, 'items'), keyed))),
  ];
}

function validatePlace(schema: StructuralSchema, place: Place): Findings {
  const rules = schema['x-kubernetes-validations'] ?? [];
  const scope = rules.length === 0 ? schema : scopeSchema(schema, place.isRoot);
  const at = child(place.path, 'x-kubernetes-validations');
  return [
    ...rules.flatMap((rule, position) => validateRule(rule, scope, index(at, position), place)),
    ...validateMembers(schema, place),
  ];
}

/** Whether the rules of a sound schema can be compiled, and what they may cost. */
export function validateRules(schema: StructuralSchema, path: string): Findings {
  const costs: RuleCost[] = [];
  const found = validatePlace(schema, { path, isRoot: true, uncorrelatable: undefined, cardinality: 1, costs });
  return [...found, ...validateTotalCost(costs, path)];
}
