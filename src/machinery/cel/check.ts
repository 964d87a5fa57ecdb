import { type Node, qualifiedName } from './ast.ts';
import { type Macro, recognize } from './macros.ts';
import { callKey, type Functions, hasFunction, type Overload } from './overload.ts';
import {
  type Bindings,
  BOOL,
  type CelType,
  DYN,
  INT,
  isAssignable,
  join,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  printType,
  resolve,
  TYPE,
} from './types.ts';
import { typeOf } from './values.ts';

/** What is wrong at a place of the expression, in cel-go's words. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** What expressions may use. */
export interface Declarations {
  /** By name; one with dots in it comes before the selections that it looks like. */
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: Functions;
  /** Types of struct literals by name. */
  readonly structs?: (name: string) => StructType | undefined;
}

/** A type that literals can be made of; `field` is undefined for a field that it doesn't have. */
export interface StructType {
  readonly type: CelType;
  readonly field: (name: string) => CelType | undefined;
}

/** What checking an expression gives; the type means something only without issues. */
export interface Checked {
  readonly type: CelType;
  readonly issues: readonly Issue[];
  /** Declared variables that the expression refers to. */
  readonly references: ReadonlySet<string>;
  /** Types of the expression's parts. */
  readonly types: ReadonlyMap<Node, CelType>;
}

type Scope = ReadonlyMap<string, CelType>;
type Comprehension = Extract<Macro, { readonly is: 'comprehension' }>;

const TYPE_NAMES = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type']);

class Checker {
  readonly declarations: Declarations;
  readonly issues: Issue[] = [];
  readonly references = new Set<string>();
  readonly types = new Map<Node, CelType>();
  params = 0;
  /** Set while the arguments of `format` are read, which may be of any types. */
  mixed = false;

  constructor(declarations: Declarations) {
    this.declarations = declarations;
  }

  fail(at: number, message: string): CelType {
    this.issues.push({ at, message });
    return DYN;
  }

  /** A type of which nothing is known yet. */
  fresh(): CelType {
    return { kind: 'param', name: `_${this.params++}` };
  }

  check(node: Node, scope: Scope): CelType {
    const type = this.typeOf(node, scope);
    this.types.set(node, type);
    return type;
  }

  typeOf(node: Node, scope: Scope): CelType {
    switch (node.op) {
      case 'literal':
        return typeOf(node.value);
      case 'ident':
        return this.ident(node, scope);
      case 'select':
        return this.select(node, scope);
      case 'index':
        return this.index(node, scope);
      case 'list':
        return listOf(
          this.common(
            node.items.map(({ value, optional }) => this.item(value, optional, scope)),
            node.items.map(({ value }) => value),
          ),
        );
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

  ident({ name, at }: Node & { op: 'ident' }, scope: Scope): CelType {
    const local = scope.get(name);
    if (local !== undefined) return local;
    const variable = this.declarations.variables.get(name);
    if (variable !== undefined) {
      this.references.add(name);
      return variable;
    }
    return TYPE_NAMES.has(name) ? TYPE : this.fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  select(node: Node & { op: 'select' }, scope: Scope): CelType {
    if (isQualifiedType(node)) return TYPE;
    const name = qualifiedName(node) ?? '';
    const variable = this.declarations.variables.get(name);
    if (variable !== undefined) {
      this.references.add(name);
      return variable;
    }
    const of = this.check(node.of, scope);
    const field = this.field(of.kind === 'optional' ? of.of : of, node);
    return of.kind === 'optional' || node.optional ? optionalOf(field) : field;
  }

  field(of: CelType, { field, at }: Node & { op: 'select' }): CelType {
    if (of.kind === 'dyn' || of.kind === 'param') return DYN;
    if (of.kind === 'map') return of.value;
    if (of.kind !== 'object') return this.fail(at, `type '${printType(of)}' does not support field selection`);
    return of.fields.get(field) ?? this.fail(at, `undefined field '${field}'`);
  }

  index(node: Node & { op: 'index' }, scope: Scope): CelType {
    const of = this.check(node.of, scope);
    const index = this.check(node.index, scope);
    const item = this.indexed(of.kind === 'optional' ? of.of : of, index, node.at);
    return of.kind === 'optional' || node.optional ? optionalOf(item) : item;
  }

  indexed(of: CelType, index: CelType, at: number): CelType {
    if (of.kind === 'dyn' || of.kind === 'param') return DYN;
    if (of.kind === 'list' && ['int', 'uint', 'double', 'dyn'].includes(index.kind)) return of.item;
    if (of.kind === 'map' && isAssignable(index, of.key, new Map())) return of.value;
    return this.noOverload(at, '_[_]', [of, index]);
  }

  item(value: Node, optional: boolean, scope: Scope): CelType {
    const type = this.check(value, scope);
    return optional && type.kind === 'optional' ? type.of : type;
  }

  /** The one type of a literal's parts. */
  common(types: readonly CelType[], nodes: readonly Node[]): CelType {
    return types.reduce<CelType>((known, type, position) => {
      const fits =
        this.mixed ||
        known.kind === 'param' ||
        isAssignable(type, known, new Map()) ||
        isAssignable(known, type, new Map());
      if (fits) return join(known, type);
      return this.fail(nodes[position]?.at ?? 0, `expected type '${printType(known)}' but found '${printType(type)}'`);
    }, this.fresh());
  }

  map({ entries }: Node & { op: 'map' }, scope: Scope): CelType {
    const keys = entries.map(({ key }) => this.check(key, scope));
    const values = entries.map(({ value, optional }) => this.item(value, optional, scope));
    const key = this.common(
      keys,
      entries.map((entry) => entry.key),
    );
    return mapOf(
      key,
      this.common(
        values,
        entries.map((entry) => entry.value),
      ),
    );
  }

  struct({ name, at, fields }: Node & { op: 'struct' }, scope: Scope): CelType {
    const struct = this.declarations.structs?.(name);
    if (struct === undefined) return this.fail(at, `undeclared reference to '${name}' (in container '')`);
    for (const field of fields) {
      const given = this.item(field.value, field.optional, scope);
      const wanted = struct.field(field.name);
      if (wanted === undefined) this.fail(field.at, `undefined field '${field.name}'`);
      else if (!isAssignable(given, wanted, new Map())) {
        const types = `'${printType(wanted)}' but provided type is '${printType(given)}'`;
        this.fail(field.at, `expected type of field '${field.name}' is ${types}`);
      }
    }
    return struct.type;
  }

  macroOrCall(node: Node & { op: 'call' }, scope: Scope): CelType {
    const macro = recognize(node);
    if (macro === undefined) return this.call(node, scope);
    switch (macro.is) {
      case 'wrong':
        return this.fail(macro.at, macro.message);
      case 'has':
        this.select({ ...macro.select, optional: false }, scope);
        return BOOL;
      case 'bind':
        return this.check(macro.body, new Map([...scope, [macro.name, this.check(macro.init, scope)]]));
      case 'optMap':
      case 'optFlatMap':
        return this.optionalMap(macro, scope);
      default:
        return this.comprehension(macro, node.at, scope);
    }
  }

  optionalMap({ is, target, name, body }: Extract<Macro, { is: 'optMap' | 'optFlatMap' }>, scope: Scope): CelType {
    const of = this.check(target, scope);
    const inner = of.kind === 'optional' ? of.of : DYN;
    const result = this.check(body, new Map([...scope, [name, inner]]));
    return is === 'optFlatMap' && result.kind === 'optional' ? result : optionalOf(result);
  }

  comprehension(macro: Comprehension, at: number, scope: Scope): CelType {
    const range = this.check(macro.range, scope);
    const inner = new Map([...scope, ...this.iterated(range, macro.names, at)]);
    if (macro.filter !== undefined) this.condition(macro.filter, inner);
    const { form, body } = macro;
    if (form === 'map' || form === 'transformList') return listOf(this.check(body, inner));
    if (form === 'transformMap') return mapOf(range.kind === 'map' ? range.key : INT, this.check(body, inner));
    this.condition(body, inner);
    if (form !== 'filter') return BOOL;
    return range.kind === 'map' ? listOf(range.key) : range;
  }

  iterated(range: CelType, names: readonly string[], at: number): readonly (readonly [string, CelType])[] {
    const [first = '', second = ''] = names;
    const types: readonly CelType[] =
      range.kind === 'list'
        ? [INT, range.item]
        : range.kind === 'map'
          ? [range.key, range.value]
          : range.kind === 'dyn' || range.kind === 'param'
            ? [DYN, DYN]
            : [this.wrongRange(range, at), DYN];
    const [key = DYN, value = DYN] = types;
    if (names.length === 2)
      return [
        [first, key],
        [second, value],
      ];
    return [[first, range.kind === 'list' ? value : key]];
  }

  wrongRange(range: CelType, at: number): CelType {
    const type = printType(range);
    return this.fail(
      at,
      `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
  }

  condition(node: Node, scope: Scope): void {
    const type = this.check(node, scope);
    if (type.kind !== 'bool' && type.kind !== 'dyn' && type.kind !== 'param') {
      this.fail(node.at, `expected type 'bool' but found '${printType(type)}'`);
    }
  }

  call(node: Node & { op: 'call' }, scope: Scope): CelType {
    const qualified = qualifiedCall(node, this.declarations.functions);
    const { name, at } = node;
    const target = qualified === undefined ? node.target : undefined;
    const all = target === undefined ? node.args : [target, ...node.args];
    const outer = this.mixed;
    this.mixed = name === 'format';
    const types = all.map((arg) => this.check(arg, scope));
    this.mixed = outer;
    const called = qualified ?? name;
    const found = this.declarations.functions.get(callKey(called, target !== undefined, all.length));
    if (found !== undefined) return this.overloaded(found, types) ?? this.noOverload(at, called, types, target);
    if (hasFunction(this.declarations.functions, called)) return this.noOverload(at, called, types, target);
    return this.fail(at, `undeclared reference to '${called}' (in container '')`);
  }

  /** The type that the fitting overloads agree on; undefined where none fits. */
  overloaded(candidates: readonly Overload[], types: readonly CelType[]): CelType | undefined {
    const results = candidates.flatMap(({ params, result }) => {
      const bindings: Bindings = new Map();
      const fits = params.every((param, i) => isAssignable(types[i] ?? NULL, param, bindings));
      return fits ? [resolve(result, bindings)] : [];
    });
    const [first, ...rest] = results;
    if (first === undefined) return undefined;
    return rest.every((type) => printType(type) === printType(first)) ? first : DYN;
  }

  noOverload(at: number, name: string, types: readonly CelType[], target?: Node): CelType {
    const printed = types.map((type) => (type.kind === 'param' ? 'dyn' : printType(type)));
    const [receiver = '', ...rest] = printed;
    const applied = target === undefined ? `(${printed.join(', ')})` : `${receiver}.(${rest.join(', ')})`;
    return this.fail(at, `found no matching overload for '${name}' applied to '${applied}'`);
  }
}

/** `google.protobuf.Timestamp` and its kin are types. */
export function isQualifiedType(node: Node): boolean {
  const name = qualifiedName(node);
  return name === 'google.protobuf.Timestamp' || name === 'google.protobuf.Duration';
}

/** The full name of a function in a namespace: `optional.of`, `math.greatest`, `format.named`. */
export function qualifiedCall({ target, name, args }: Node & { op: 'call' }, functions: Functions): string | undefined {
  const outer = target === undefined ? undefined : qualifiedName(target);
  if (outer === undefined) return undefined;
  const full = `${outer}.${name}`;
  return functions.has(callKey(full, false, args.length)) ? full : undefined;
}

/** Finds the type of an expression and everything that is wrong with it. */
export function checkCel(node: Node, declarations: Declarations): Checked {
  const checker = new Checker(declarations);
  const type = checker.check(node, new Map());
  const { issues, references, types } = checker;
  return { type: type.kind === 'param' ? DYN : type, issues, references, types };
}
