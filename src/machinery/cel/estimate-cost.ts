import type { Node } from './ast.ts';
import { type CostedArgument, callCost, eitherSize } from './call-costs.ts';
import { qualifiedCall } from './check.ts';
import { type Macro, recognize } from './macros.ts';
import type { Functions } from './overload.ts';
import { either, exactly, plus, type Size, times, UNKNOWN } from './sizes.ts';
import { type CelType, DYN } from './types.ts';

/**
 * How large the values of a schema may be: by the path that leads to them (`self`, `list`, `@items`). Undefined where
 * nothing is known.
 */
export type DeclaredSizes = (path: readonly string[]) => number | undefined;

/** What costs are estimated by. */
export interface EstimateOptions {
  readonly types: ReadonlyMap<Node, CelType>;
  readonly functions: Functions;
  readonly sizes: DeclaredSizes;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Size | undefined;
  readonly entries: Entries | undefined;
}

/** Sizes of what a list or map holds. */
interface Entries {
  readonly key: Size;
  readonly value: Size;
}

type Scope = ReadonlyMap<string, Local>;
type Comprehension = Extract<Macro, { readonly is: 'comprehension' }>;

const LIST = 10;
const MAP = 30;
const STRUCT = 40;
const SCALARS = ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'];

/** Costs of the loops that macros stand for, beside those of their parts: before, in each turn, after. */
const LOOPS: { readonly [form in Comprehension['form']]: readonly [before: number, turn: number, after: number] } = {
  all: [0, 3, 1],
  exists: [0, 4, 1],
  existsOne: [0, 2, 2],
  map: [LIST, 12, 1],
  filter: [LIST, 13, 1],
  transformList: [LIST, 12, 1],
  transformMap: [MAP, 3, 1],
};

class Estimator {
  readonly types: ReadonlyMap<Node, CelType>;
  readonly functions: Functions;
  readonly declared: DeclaredSizes;
  readonly paths = new Map<Node, readonly string[]>();
  readonly sizes = new Map<Node, Size>();
  readonly entries = new Map<Node, Entries>();

  constructor({ types, functions, sizes }: EstimateOptions) {
    this.types = types;
    this.functions = functions;
    this.declared = sizes;
  }

  cost(node: Node, scope: Scope): number {
    switch (node.op) {
      case 'literal':
        return 0;
      case 'ident':
        return this.ident(node, scope);
      case 'select':
        return this.select(node, scope);
      case 'index':
        return this.index(node, scope);
      case 'list':
        return this.list(node, scope);
      case 'map':
        return this.map(node, scope);
      case 'struct':
        return plus(STRUCT, ...node.fields.map(({ value }) => this.cost(value, scope)));
      case 'call':
        return this.macroOrCall(node, scope);
      default:
        return node satisfies never;
    }
  }

  ident(node: Node & { op: 'ident' }, scope: Scope): number {
    const local = scope.get(node.name);
    this.paths.set(node, local?.path ?? [node.name]);
    if (local?.entries !== undefined) this.entries.set(node, local.entries);
    if (local?.size !== undefined && this.pathSize(local.path) === undefined && !this.isScalar(node)) {
      this.sizes.set(node, local.size);
    }
    return 1;
  }

  select(node: Node & { op: 'select' }, scope: Scope): number {
    const of = this.cost(node.of, scope);
    const { kind } = this.type(node.of);
    this.paths.set(node, [...this.path(node.of), node.field]);
    return plus(of, node.optional || kind === 'map' || kind === 'object' || kind === 'param' ? 1 : 0);
  }

  index(node: Node & { op: 'index' }, scope: Scope): number {
    const cost = plus(1, this.cost(node.of, scope), this.cost(node.index, scope));
    const { kind } = this.type(node.of);
    const step = kind === 'map' ? '@values' : '@items';
    const known = this.entries.get(node.of);
    if (known !== undefined) this.sizes.set(node, known.value);
    this.paths.set(node, [...this.path(node.of), step]);
    return cost;
  }

  list(node: Node & { op: 'list' }, scope: Scope): number {
    const cost = plus(LIST, ...node.items.map(({ value }) => this.cost(value, scope)));
    const value = this.union(node.items.map((item) => item.value));
    this.entries.set(node, { key: exactly(1), value });
    return cost;
  }

  map(node: Node & { op: 'map' }, scope: Scope): number {
    const parts = node.entries.flatMap(({ key, value }) => [this.cost(key, scope), this.cost(value, scope)]);
    const key = this.union(node.entries.map((entry) => entry.key));
    this.entries.set(node, { key, value: this.union(node.entries.map((entry) => entry.value)) });
    return plus(MAP, ...parts);
  }

  union(nodes: readonly Node[]): Size {
    const [first, ...rest] = nodes.map((node) => this.sizeOrUnknown(node));
    return first === undefined ? exactly(0) : rest.reduce(either, first);
  }

  macroOrCall(node: Node & { op: 'call' }, scope: Scope): number {
    const macro = recognize(node);
    if (macro === undefined) return this.call(node, scope);
    switch (macro.is) {
      case 'wrong':
        return 0;
      case 'has':
        return this.cost(macro.select.of, scope);
      case 'bind':
        return this.bind(node, macro, scope);
      case 'optMap':
      case 'optFlatMap':
        return this.optional(macro, scope);
      default:
        return this.comprehension(node, macro, scope);
    }
  }

  bind(node: Node, { name, init, body }: Extract<Macro, { is: 'bind' }>, scope: Scope): number {
    const start = this.cost(init, scope);
    const cost = plus(LIST, start, this.cost(body, this.with(scope, name, this.localOf(init))));
    this.copy(node, body);
    return cost;
  }

  optional({ is, target, name, body }: Extract<Macro, { is: 'optMap' | 'optFlatMap' }>, scope: Scope): number {
    const value = plus(1, this.cost(target, scope));
    const inner = this.with(scope, name, { path: [], size: undefined, entries: undefined });
    const made = plus(LIST, value, this.cost(body, inner));
    return plus(value, is === 'optMap' ? plus(1, made) : made);
  }

  comprehension(node: Node, macro: Comprehension, scope: Scope): number {
    const { form, range, filter, body } = macro;
    const start = this.cost(range, scope);
    const inner = this.iterated(macro, scope);
    const [before, turn, after] = LOOPS[form];
    const parts = plus(filter === undefined ? 0 : this.cost(filter, inner), this.cost(body, inner));
    const size = this.sizeOrUnknown(range);
    this.sizes.set(node, before === 0 ? exactly(1) : size);
    if (before !== 0) this.entries.set(node, this.collected(macro));
    return plus(start, before, times(size.max, plus(turn, parts)), after);
  }

  collected({ form, range, body }: Comprehension): Entries {
    if (form !== 'filter') return { key: exactly(1), value: this.sizeOrUnknown(body) };
    const value = this.entries.get(range)?.value ?? this.pathSize([...this.path(range), '@items']) ?? UNKNOWN;
    return { key: exactly(1), value };
  }

  iterated({ range, names }: Comprehension, scope: Scope): Scope {
    const [first = '', second] = names;
    const isMap = this.type(range).kind === 'map';
    const known = this.entries.get(range);
    const path = this.path(range);
    const keys = { path: [...path, isMap ? '@keys' : '@indices'], size: known?.key, entries: undefined };
    const values = { path: [...path, isMap ? '@values' : '@items'], size: known?.value, entries: undefined };
    if (second !== undefined) return this.with(this.with(scope, first, keys), second, values);
    return this.with(scope, first, isMap ? keys : values);
  }

  call(node: Node & { op: 'call' }, scope: Scope): number {
    const { name, args } = node;
    const qualified = qualifiedCall(node, this.functions);
    const target = qualified === undefined ? node.target : undefined;
    const costs = args.map((arg) => this.cost(arg, scope));
    const before = target === undefined ? 0 : this.cost(target, scope);
    if (name === '_&&_' || name === '_||_') return plus(...costs);
    if (name === '_?_:_') return this.choice(node, costs);
    const call = { target: target && this.argument(target), args: args.map((arg) => this.argument(arg)) };
    const { cost, size } = callCost(qualified ?? name, call);
    if (size !== undefined) this.sizes.set(node, size);
    if (name === '_+_') this.joinEntries(node, args);
    if (name === 'dyn' && args[0]) this.copy(node, args[0]);
    return plus(cost, before, ...costs);
  }

  choice(node: Node & { op: 'call' }, [condition = 0, yes = 0, no = 0]: readonly number[]): number {
    const [, left, right] = node.args;
    if (left !== undefined && right !== undefined) {
      this.sizes.set(node, eitherSize(this.argument(left), this.argument(right)));
      this.joinEntries(node, [left, right]);
    }
    return plus(condition, Math.max(yes, no));
  }

  joinEntries(node: Node, [left, right]: readonly Node[]): void {
    const a = left && this.entries.get(left);
    const b = right && this.entries.get(right);
    if (a && b) this.entries.set(node, { key: either(a.key, b.key), value: either(a.value, b.value) });
  }

  argument(node: Node): CostedArgument {
    const items = this.entries.get(node)?.value ?? this.pathSize([...this.path(node), '@items']) ?? UNKNOWN;
    return { node, type: this.type(node), size: this.size(node), itemSize: items };
  }

  localOf(node: Node): Local {
    return { path: this.path(node), size: this.size(node), entries: this.entries.get(node) };
  }

  with(scope: Scope, name: string, local: Local): Scope {
    return new Map([...scope, [name, local]]);
  }

  copy(to: Node, from: Node): void {
    const size = this.size(from);
    const entries = this.entries.get(from);
    if (size !== undefined) this.sizes.set(to, size);
    if (entries !== undefined) this.entries.set(to, entries);
  }

  type(node: Node): CelType {
    return this.types.get(node) ?? DYN;
  }

  path(node: Node): readonly string[] {
    return this.paths.get(node) ?? [];
  }

  pathSize(path: readonly string[]): Size | undefined {
    const max = path.length === 0 ? undefined : this.declared(path);
    return max === undefined ? undefined : { min: 0, max };
  }

  isScalar(node: Node): boolean {
    const type = this.type(node);
    return SCALARS.includes(type.kind === 'optional' ? type.of.kind : type.kind);
  }

  size(node: Node): Size | undefined {
    const known = this.sizes.get(node) ?? literalSize(node) ?? this.pathSize(this.path(node));
    return known ?? (this.isScalar(node) ? exactly(1) : undefined);
  }

  sizeOrUnknown(node: Node): Size {
    return this.size(node) ?? UNKNOWN;
  }
}

function literalSize(node: Node): Size | undefined {
  if (node.op === 'list') return exactly(node.items.length);
  if (node.op === 'map') return exactly(node.entries.length);
  if (node.op !== 'literal') return undefined;
  if (typeof node.value === 'string') return exactly([...node.value].length);
  return exactly(node.value instanceof Uint8Array ? node.value.length : 1);
}

/** What evaluating a checked expression may cost at most, as cel-go and Kubernetes estimate it. */
export function estimateCost(node: Node, options: EstimateOptions): number {
  return new Estimator(options).cost(node, new Map());
}
