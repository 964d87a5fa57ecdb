import { type Node, qualifiedName } from './ast.ts';
import { isQualifiedType, qualifiedCall } from './check.ts';
import { type Macro, recognize } from './macros.ts';
import { callKey, type Functions, type Overload } from './overload.ts';
import { type Bindings, type CelType, isAssignable } from './types.ts';
import { CelError, isObject, mapKey, NONE, Optional, StructValue, TypeValue, typeOf } from './values.ts';

/** Counts what evaluating costs, in upstream's units; throws CelError beyond the limit. */
export class CostMeter {
  readonly limit: number;
  spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  spend(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CostLimitError();
  }
}

/** The expression costs more than it may. */
export class CostLimitError extends CelError {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

type Scope = ReadonlyMap<string, unknown>;
type Comprehension = Extract<Macro, { readonly is: 'comprehension' }>;

/** Whether a value can be an argument of that type. Parts of lists and maps are not looked at. */
function fits(value: unknown, type: CelType, bindings: Bindings): boolean {
  if (type.kind === 'list') return Array.isArray(value);
  if (type.kind === 'map') return value instanceof Map;
  if (type.kind === 'optional') return value instanceof Optional;
  if (type.kind === 'param') return true;
  return isAssignable(typeOf(value), type, bindings);
}

function noSuchKey(key: unknown): CelError {
  return new CelError(`no such key: ${typeof key === 'object' ? '' : String(key)}`);
}

function noSuchOverload(): CelError {
  return new CelError('no such overload');
}

/** A field of a struct or map; undefined where it isn't there. */
function fieldOf(value: unknown, field: string): unknown {
  if (isObject(value)) return value.get(field);
  if (value instanceof Map) return value.has(field) ? (value.get(field) ?? null) : undefined;
  throw noSuchOverload();
}

function itemOf(list: readonly unknown[], index: unknown): unknown {
  const at = Number(mapKey(index));
  if (!Number.isInteger(at) || typeof index === 'string') throw noSuchOverload();
  return at >= 0 && at < list.length ? list[at] : undefined;
}

function indexed(value: unknown, index: unknown): unknown {
  if (Array.isArray(value)) return itemOf(value, index);
  if (value instanceof Map) return value.has(mapKey(index)) ? (value.get(mapKey(index)) ?? null) : undefined;
  if (isObject(value) && typeof index === 'string') return value.get(index);
  throw noSuchOverload();
}

const COST_OF_LIST = 10;
const COST_OF_MAP = 30;
const COST_OF_STRUCT = 40;

class Evaluator {
  readonly functions: Functions;
  readonly meter: CostMeter;

  /** Variables whose names have dots in them. */
  readonly dotted: ReadonlySet<string>;

  constructor(functions: Functions, meter: CostMeter, variables: Scope) {
    this.functions = functions;
    this.meter = meter;
    this.dotted = new Set([...variables.keys()].filter((name) => name.includes('.')));
  }

  run(node: Node, scope: Scope): unknown {
    switch (node.op) {
      case 'literal':
        return node.value;
      case 'ident':
        return this.ident(node.name, scope);
      case 'select':
        return this.select(node, scope);
      case 'index':
        return this.index(node, scope);
      case 'list':
        return this.list(node, scope);
      case 'map':
        return this.map(node, scope);
      case 'struct':
        return this.struct(node, scope);
      case 'call':
        return this.macroOrCall(node, scope);
      default:
        return node satisfies never;
    }
  }

  ident(name: string, scope: Scope): unknown {
    this.meter.spend(1);
    if (scope.has(name)) return scope.get(name);
    return new TypeValue(name);
  }

  select(node: Node & { op: 'select' }, scope: Scope): unknown {
    if (isQualifiedType(node)) return new TypeValue('google.protobuf.'.concat(node.field));
    this.meter.spend(1);
    const name = this.dotted.size === 0 ? undefined : qualifiedName(node);
    if (name !== undefined && this.dotted.has(name)) return scope.get(name);
    const of = this.run(node.of, scope);
    const inner = of instanceof Optional ? of.value : of;
    if (of instanceof Optional && !of.hasValue) return NONE;
    const value = fieldOf(inner, node.field);
    if (of instanceof Optional || node.optional) return value === undefined ? NONE : new Optional(true, value);
    if (value === undefined) throw noSuchKey(node.field);
    return value;
  }

  index(node: Node & { op: 'index' }, scope: Scope): unknown {
    this.meter.spend(1);
    const of = this.run(node.of, scope);
    const index = this.run(node.index, scope);
    if (of instanceof Optional && !of.hasValue) return NONE;
    const value = indexed(of instanceof Optional ? of.value : of, index);
    if (of instanceof Optional || node.optional) return value === undefined ? NONE : new Optional(true, value);
    if (value !== undefined) return value;
    throw Array.isArray(of) ? new CelError(`index out of bounds: ${String(mapKey(index))}`) : noSuchKey(index);
  }

  list({ items }: Node & { op: 'list' }, scope: Scope): unknown {
    this.meter.spend(COST_OF_LIST);
    return items.flatMap(({ value, optional }) => {
      const item = this.run(value, scope);
      if (!optional || !(item instanceof Optional)) return [item];
      return item.hasValue ? [item.value] : [];
    });
  }

  map({ entries }: Node & { op: 'map' }, scope: Scope): unknown {
    this.meter.spend(COST_OF_MAP);
    const map = new Map<unknown, unknown>();
    for (const { key, value, optional } of entries) {
      const at = mapKey(this.run(key, scope));
      const item = this.run(value, scope);
      if (optional && item instanceof Optional) {
        if (item.hasValue) map.set(at, item.value);
      } else map.set(at, item);
    }
    return map;
  }

  struct({ name, fields }: Node & { op: 'struct' }, scope: Scope): unknown {
    this.meter.spend(COST_OF_STRUCT);
    const values = new Map<string, unknown>();
    for (const field of fields) {
      const value = this.run(field.value, scope);
      if (!field.optional || !(value instanceof Optional)) values.set(field.name, value);
      else if (value.hasValue) values.set(field.name, value.value);
    }
    return new StructValue(name, values);
  }

  macroOrCall(node: Node & { op: 'call' }, scope: Scope): unknown {
    const macro = recognize(node);
    if (macro === undefined) return this.call(node, scope);
    switch (macro.is) {
      case 'wrong':
        throw new CelError(macro.message);
      case 'has':
        return this.has(macro.select, scope);
      case 'bind':
        return this.run(macro.body, new Map([...scope, [macro.name, this.run(macro.init, scope)]]));
      case 'optMap':
      case 'optFlatMap':
        return this.optionalMap(macro, scope);
      default:
        return this.comprehension(macro, scope);
    }
  }

  has(select: Node & { op: 'select' }, scope: Scope): boolean {
    this.meter.spend(1);
    const of = this.run(select.of, scope);
    if (of instanceof Optional) return of.hasValue && fieldOf(of.value, select.field) !== undefined;
    return fieldOf(of, select.field) !== undefined;
  }

  optionalMap({ is, target, name, body }: Extract<Macro, { is: 'optMap' | 'optFlatMap' }>, scope: Scope): unknown {
    const of = this.run(target, scope);
    if (!(of instanceof Optional)) throw noSuchOverload();
    if (!of.hasValue) return NONE;
    const result = this.run(body, new Map([...scope, [name, of.value]]));
    return is === 'optFlatMap' ? result : new Optional(true, result);
  }

  /** Key and value of every element of a range. */
  entries(range: unknown): readonly (readonly [unknown, unknown])[] {
    if (Array.isArray(range)) return range.map((item, at) => [BigInt(at), item] as const);
    if (range instanceof Map) return [...range];
    if (isObject(range)) return range.names().map((name) => [name, range.get(name)] as const);
    throw noSuchOverload();
  }

  comprehension(macro: Comprehension, scope: Scope): unknown {
    const range = this.run(macro.range, scope);
    const [first = '', second] = macro.names;
    const inner = new Map(scope);
    const step = (key: unknown, value: unknown): Scope => {
      this.meter.spend(1);
      inner.set(first, second === undefined && Array.isArray(range) ? value : key);
      if (second !== undefined) inner.set(second, value);
      return inner;
    };
    const { form } = macro;
    if (form === 'all' || form === 'exists') return this.quantify(macro, form === 'exists', this.entries(range), step);
    if (form === 'existsOne') {
      return this.entries(range).filter(([key, value]) => this.isTrue(macro.body, step(key, value))).length === 1;
    }
    return this.collect(macro, range, step);
  }

  /** `all` and `exists`: one element may decide whatever errors the others have. */
  quantify(
    { body }: Comprehension,
    deciding: boolean,
    entries: readonly (readonly [unknown, unknown])[],
    step: (key: unknown, value: unknown) => Scope,
  ): boolean {
    let error: CelError | undefined;
    for (const [key, value] of entries) {
      const result = this.attempt(body, step(key, value));
      if (result === deciding) return deciding;
      if (result instanceof CelError) error ??= result;
      else if (typeof result !== 'boolean') error ??= noSuchOverload();
    }
    if (error !== undefined) throw error;
    return !deciding;
  }

  collect(macro: Comprehension, range: unknown, step: (key: unknown, value: unknown) => Scope): unknown {
    const { form, filter, body } = macro;
    const test = form === 'filter' ? body : filter;
    const kept = this.entries(range).flatMap(([key, value]) => {
      const scope = step(key, value);
      if (test !== undefined && !this.isTrue(test, scope)) return [];
      if (form === 'filter') return [[key, Array.isArray(range) ? value : key] as const];
      return [[mapKey(key), this.run(body, scope)] as const];
    });
    return form === 'transformMap' ? new Map(kept) : kept.map(([, value]) => value);
  }

  isTrue(node: Node, scope: Scope): boolean {
    const value = this.run(node, scope);
    if (typeof value !== 'boolean') throw noSuchOverload();
    return value;
  }

  /** The value, or the error that came instead; running out of budget is not one of these. */
  attempt(node: Node, scope: Scope): unknown {
    try {
      return this.run(node, scope);
    } catch (error) {
      if (!(error instanceof CelError) || error instanceof CostLimitError) throw error;
      return error;
    }
  }

  call(node: Node & { op: 'call' }, scope: Scope): unknown {
    const { name, args } = node;
    if (name === '_&&_' || name === '_||_') return this.logic(args, name === '_||_', scope);
    if (name === '_?_:_') return this.choose(args, scope);
    const qualified = qualifiedCall(node, this.functions);
    const target = qualified === undefined ? node.target : undefined;
    const all = target === undefined ? args : [target, ...args];
    const values = all.map((arg) => this.run(arg, scope));
    const found = this.functions.get(callKey(qualified ?? name, target !== undefined, all.length)) ?? [];
    return this.dispatch(found, values);
  }

  dispatch(candidates: readonly Overload[], values: readonly unknown[]): unknown {
    for (const candidate of candidates) {
      const bindings: Bindings = new Map();
      if (!candidate.params.every((param, i) => fits(values[i], param, bindings))) continue;
      this.meter.spend(1 + (candidate.cost?.(...values) ?? 0));
      return candidate.call(...values);
    }
    throw noSuchOverload();
  }

  /** `&&` and `||`: one side may decide whatever error the other has. */
  logic([left, right]: readonly Node[], deciding: boolean, scope: Scope): boolean {
    if (left === undefined || right === undefined) throw noSuchOverload();
    const first = this.attempt(left, scope);
    if (first === deciding) return deciding;
    const second = this.attempt(right, scope);
    if (second === deciding) return deciding;
    for (const result of [first, second]) {
      if (result instanceof CelError) throw result;
      if (typeof result !== 'boolean') throw noSuchOverload();
    }
    return !deciding;
  }

  choose([condition, yes, no]: readonly Node[], scope: Scope): unknown {
    if (condition === undefined || yes === undefined || no === undefined) throw noSuchOverload();
    return this.run(this.isTrue(condition, scope) ? yes : no, scope);
  }
}

/** Evaluates a checked expression. Throws CelError with cel-go's message. */
export function evaluateCel(
  node: Node,
  variables: ReadonlyMap<string, unknown>,
  options: { readonly functions: Functions; readonly meter: CostMeter },
): unknown {
  return new Evaluator(options.functions, options.meter, variables).run(node, variables);
}
