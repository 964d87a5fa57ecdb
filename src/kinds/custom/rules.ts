import { RUNTIME_BUDGET } from '../../machinery/cel/compile.ts';
import { CostLimitError, CostMeter } from '../../machinery/cel/evaluate.ts';
import { schemaValue } from '../../machinery/cel/schema-values.ts';
import { CelError, NONE, Optional } from '../../machinery/cel/values.ts';
import { deepEqual } from '../../machinery/deep.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { child, duplicate, forbiddenField, index, invalidValue, key, required } from '../../machinery/field-path.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { correlateFields, correlateItems } from '../../machinery/structural/correlate.ts';
import { isFields, own, type StructuralSchema, type ValidationRule } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';
import { type CompiledRule, compileRule, scopeSchema } from './compile-rule.ts';

/** Evaluates the rules of a schema for an object. */
export type RulesCheck = (object: KubernetesObject, old: KubernetesObject | undefined) => Findings;

/** The rules at one place of a schema and below it. */
interface RuleNode {
  readonly schema: StructuralSchema;
  /** What `self` is read by. */
  readonly scope: StructuralSchema;
  readonly rules: readonly (CompiledRule | string)[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly values: RuleNode | undefined;
  readonly items: RuleNode | undefined;
}

function nodeOf(schema: StructuralSchema, isRoot: boolean): RuleNode | undefined {
  const { properties = {}, additionalProperties: values, items } = schema;
  const given = schema['x-kubernetes-validations'] ?? [];
  const scope = given.length === 0 ? schema : scopeSchema(schema, isRoot);
  const rules = given.map((rule) => {
    const outcome = compileRule(rule, scope);
    return outcome.ok ? outcome.rule : outcome.detail;
  });
  const members = Object.entries(properties).flatMap(([name, property]) => {
    const node = nodeOf(property, false);
    return node === undefined ? [] : [[name, node] as const];
  });
  const valuesNode = typeof values === 'object' ? nodeOf(values, false) : undefined;
  const itemsNode = items && nodeOf(items, false);
  if (rules.length + members.length === 0 && valuesNode === undefined && itemsNode === undefined) return undefined;
  return { schema, scope, rules, properties: new Map(members), values: valuesNode, items: itemsNode };
}

/** A value with its counterpart; `isUnchanged` says so of it, or of what it is a part of. */
interface Subject {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
  readonly isUnchanged: () => boolean;
}

/** Stops everything: the budget is gone. */
class OutOfBudget extends Error {}

const NO_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';
const MAX_MESSAGE = 5 * 1024;

function nameOf({ message = '', rule = '' }: ValidationRule): string {
  return (message || rule).trim();
}

function findingFor({ reason }: ValidationRule, path: string, type: string, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return duplicate(path, type);
    default:
      return invalidValue(path, type, detail);
  }
}

function errorDetail(error: CelError, rule: ValidationRule): string {
  const name = nameOf(rule);
  if (error instanceof CostLimitError) {
    return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  }
  if (!error.message.startsWith('no such overload')) return `${error.message} evaluating rule: ${name}`;
  const detail = 'call arguments did not match a supported operator, function or macro signature for rule';
  return `'${error.message}': ${detail}: ${name}`;
}

class RuleChecker {
  readonly meter = new CostMeter(RUNTIME_BUDGET);
  readonly found: FieldError[] = [];

  check(node: RuleNode, subject: Subject): void {
    if (subject.value === null || subject.value === undefined) return;
    const variables = node.rules.length === 0 ? undefined : this.variables(node, subject);
    for (const rule of node.rules) {
      if (typeof rule === 'string')
        this.found.push(invalidValue(subject.path, typeName(node), `rule compile error: ${rule}`));
      else if (variables !== undefined) this.ask(rule, node, { ...subject, variables });
    }
    this.members(node, subject);
  }

  variables({ scope }: RuleNode, { value, old }: Subject): ReadonlyMap<string, unknown> {
    const self = new Map([['self', schemaValue(value, scope)]]);
    if (old !== undefined && old !== null) self.set('oldSelf', schemaValue(old, scope));
    return self;
  }

  ask(
    compiled: CompiledRule,
    node: RuleNode,
    subject: Subject & { readonly variables: ReadonlyMap<string, unknown> },
  ): void {
    const { rule, usesOldSelf } = compiled;
    const hasOld = subject.variables.has('oldSelf');
    // Rules about transitions are asked about transitions only, unless they can do without the old value.
    if (usesOldSelf && !hasOld && rule.optionalOldSelf !== true) return;
    const variables = rule.optionalOldSelf === true ? withOptional(subject.variables) : subject.variables;
    const result = this.evaluate(compiled, variables, node, subject.path);
    if (result !== false || (!usesOldSelf && subject.isUnchanged())) return;
    const path = compiled.fieldPath === '' ? subject.path : join(subject.path, compiled.fieldPath);
    this.found.push(findingFor(rule, path, typeName(node), this.detail(compiled, variables)));
  }

  /** What the rule says; undefined where it said nothing because of an error, which is reported. */
  evaluate(
    { program, rule }: CompiledRule,
    variables: ReadonlyMap<string, unknown>,
    node: RuleNode,
    path: string,
  ): unknown {
    try {
      return program.evaluate(variables, this.meter);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      const spent = error instanceof CostLimitError && this.meter.spent >= this.meter.limit;
      this.found.push(invalidValue(path, typeName(node), spent ? NO_BUDGET : errorDetail(error, rule)));
      if (error instanceof CostLimitError) throw new OutOfBudget();
      return undefined;
    }
  }

  detail({ rule, message }: CompiledRule, variables: ReadonlyMap<string, unknown>): string {
    const made = message === undefined ? '' : this.message(message, variables);
    if (made !== '') return made;
    return rule.message ? rule.message.trim() : `failed rule: ${nameOf(rule)}`;
  }

  /** A message made by an expression; '' where it makes none that can be shown. */
  message(program: CompiledRule['program'], variables: ReadonlyMap<string, unknown>): string {
    try {
      const text = String(program.evaluate(variables, this.meter)).trim();
      return text.length > MAX_MESSAGE || text.includes('\n') ? '' : text;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return '';
    }
  }

  members(node: RuleNode, subject: Subject): void {
    const { value, old, path } = subject;
    if (Array.isArray(value)) this.eachItem(node, value, subject);
    if (!isFields(value)) return;
    const correlate = correlateFields(old, node.schema);
    for (const name of Object.keys(value)) {
      const property = node.properties.get(name);
      const isValue = own(node.schema.properties, name) === undefined;
      const member = property ?? (isValue ? node.values : undefined);
      if (member === undefined) continue;
      const at = isValue ? key(path, name) : child(path, name);
      this.check(member, this.inner(subject, value[name], correlate(name, value[name]), at));
    }
  }

  eachItem(node: RuleNode, list: readonly unknown[], subject: Subject): void {
    const { items } = node;
    if (items === undefined) return;
    const correlate = correlateItems(subject.old, node.schema);
    list.forEach((item, at) => {
      this.check(items, this.inner(subject, item, correlate(at, item), index(subject.path, at)));
    });
  }

  inner(outer: Subject, value: unknown, old: unknown, path: string): Subject {
    return { value, old, path, isUnchanged: old === undefined ? outer.isUnchanged : () => deepEqual(value, old) };
  }
}

function typeName({ schema }: RuleNode): string {
  return schema.type ?? '';
}

function join(path: string, below: string): string {
  return path === '' || below.startsWith('[') ? `${path}${below}` : `${path}.${below}`;
}

function withOptional(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const old = variables.has('oldSelf') ? new Optional(true, variables.get('oldSelf')) : NONE;
  return new Map([...variables, ['oldSelf', old]]);
}

/** Compiles a schema's rules when an object is first checked; until then they cost nothing. */
export function compileRules(schema: StructuralSchema): RulesCheck {
  let compiled: { readonly root: RuleNode | undefined } | undefined;
  return (object, old) => {
    compiled ??= { root: nodeOf(schema, true) };
    if (compiled.root === undefined) return [];
    const checker = new RuleChecker();
    try {
      const isUnchanged = (): boolean => old !== undefined && deepEqual(object, old);
      checker.check(compiled.root, { value: object, old, path: '', isUnchanged });
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
    }
    return checker.found;
  };
}
