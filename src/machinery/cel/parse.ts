import { CelSyntaxError, type FieldInit, type ListItem, type MapEntry, type Node, qualifiedName } from './ast.ts';
import { type Token, tokenize } from './tokens.ts';

const RELATIONS = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
/** Deeper expressions are refused, as upstream does: what walks them by recursion stays far from its stack's end. */
const MAX_DEPTH = 50;
const MAX_LENGTH = 100_000;

class Parser {
  readonly tokens: readonly Token[];
  position = 0;
  depth = 0;

  constructor(source: string) {
    this.tokens = tokenize(source);
  }

  get token(): Token {
    return this.tokens[this.position] ?? { type: 'end', text: '<EOF>', at: 0 };
  }

  fail(wanted: string): never {
    const { text, at } = this.token;
    throw new CelSyntaxError(`Syntax error: mismatched input '${text}' expecting ${wanted}`, at);
  }

  take(): Token {
    const { token } = this;
    this.position++;
    return token;
  }

  is(text: string): boolean {
    return this.token.type === 'op' && this.token.text === text;
  }

  /** Takes an operator where it comes next. */
  accept(text: string): Token | undefined {
    return this.is(text) ? this.take() : undefined;
  }

  expect(text: string): Token {
    return this.accept(text) ?? this.fail(`'${text}'`);
  }

  expression(): Node {
    if (++this.depth > MAX_DEPTH) throw new CelSyntaxError(`expression recursion limit exceeded: ${MAX_DEPTH}`, 0);
    const condition = this.or();
    const question = this.accept('?');
    this.depth--;
    if (question === undefined) return condition;
    const yes = this.or();
    this.expect(':');
    return { op: 'call', at: question.at, name: '_?_:_', target: undefined, args: [condition, yes, this.expression()] };
  }

  or(): Node {
    return this.chain(() => this.and(), new Set(['||']));
  }

  and(): Node {
    return this.chain(() => this.relation(), new Set(['&&']));
  }

  relation(): Node {
    return this.chain(() => this.sum(), RELATIONS);
  }

  sum(): Node {
    return this.chain(() => this.product(), new Set(['+', '-']));
  }

  product(): Node {
    return this.chain(() => this.unary(), new Set(['*', '/', '%']));
  }

  chain(operand: () => Node, operators: ReadonlySet<string>): Node {
    let left = operand();
    while (this.token.type === 'op' && operators.has(this.token.text)) {
      const { text, at } = this.take();
      const name = text === 'in' ? '@in' : `_${text}_`;
      left = { op: 'call', at, name, target: undefined, args: [left, operand()] };
    }
    return left;
  }

  unary(): Node {
    const { at, text } = this.token;
    if (this.is('!') || this.is('-')) {
      this.take();
      const next = this.token;
      const number = typeof next.value === 'bigint' || typeof next.value === 'number';
      if (text === '-' && next.type === 'literal' && number) return this.negative(at);
      if (++this.depth > MAX_DEPTH) throw new CelSyntaxError(`expression recursion limit exceeded: ${MAX_DEPTH}`, at);
      const operand = this.unary();
      this.depth--;
      return { op: 'call', at, name: `${text}_`, target: undefined, args: [operand] };
    }
    return this.member();
  }

  negative(at: number): Node {
    const { value } = this.take();
    const literal: Node = { op: 'literal', at, value: typeof value === 'bigint' ? -value : -(value as number) };
    return this.members(literal);
  }

  member(): Node {
    return this.members(this.primary());
  }

  members(start: Node): Node {
    let of = start;
    for (;;) {
      const { at } = this.token;
      if (this.is('.') || this.is('.?')) of = this.field(of);
      else if (this.is('[') || this.is('[?')) {
        const optional = this.take().text === '[?';
        const index = this.expression();
        this.expect(']');
        of = { op: 'index', at, of, index, optional };
      } else if (this.is('{')) return this.members(this.structLiteral(of));
      else return of;
    }
  }

  field(of: Node): Node {
    const { text, at } = this.take();
    const optional = text === '.?';
    if (this.token.type !== 'ident' && !/^[a-z]+$/.test(this.token.text)) this.fail('IDENTIFIER');
    const name = this.take().text.replaceAll('`', '');
    const open = optional ? undefined : this.accept('(');
    if (open === undefined) return { op: 'select', at, of, field: name, optional };
    return { op: 'call', at: open.at, name, target: of, args: this.list(')') };
  }

  primary(): Node {
    const { type, at, value } = this.token;
    if (type === 'literal') {
      this.take();
      if (value === 2n ** 63n) throw new CelSyntaxError('invalid int literal', at);
      return { op: 'literal', at, value };
    }
    if (this.accept('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.is('[')) return this.listLiteral();
    if (this.is('{')) return this.mapLiteral();
    this.accept('.');
    if (this.token.type !== 'ident')
      this.fail(
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
      );
    return this.identifier();
  }

  identifier(): Node {
    const { text, at } = this.take();
    if (RESERVED.has(text)) throw new CelSyntaxError(`reserved identifier: ${text}`, at);
    const open = this.accept('(');
    if (open === undefined) return { op: 'ident', at, name: text };
    return { op: 'call', at: open.at, name: text, target: undefined, args: this.list(')') };
  }

  list(end: string): readonly Node[] {
    const items: Node[] = [];
    while (!this.is(end)) {
      items.push(this.expression());
      if (!this.accept(',')) break;
    }
    this.expect(end);
    return items;
  }

  listLiteral(): Node {
    const { at } = this.expect('[');
    const items: ListItem[] = [];
    while (!this.is(']')) {
      const optional = this.accept('?') !== undefined;
      items.push({ optional, value: this.expression() });
      if (!this.accept(',')) break;
    }
    this.expect(']');
    return { op: 'list', at, items };
  }

  structLiteral(type: Node): Node {
    const name = qualifiedName(type) ?? this.fail('<EOF>');
    const { at } = this.expect('{');
    const fields: FieldInit[] = [];
    while (!this.is('}')) {
      const optional = this.accept('?') !== undefined;
      if (this.token.type !== 'ident' && !/^[a-z]+$/.test(this.token.text)) this.fail('IDENTIFIER');
      const field = this.take().text.replaceAll('`', '');
      const colon = this.expect(':');
      fields.push({ name: field, at: colon.at, optional, value: this.expression() });
      if (!this.accept(',')) break;
    }
    this.expect('}');
    return { op: 'struct', at, name, fields };
  }

  mapLiteral(): Node {
    const { at } = this.expect('{');
    const entries: MapEntry[] = [];
    while (!this.is('}')) {
      const optional = this.accept('?') !== undefined;
      const key = this.expression();
      this.expect(':');
      entries.push({ optional, key, value: this.expression() });
      if (!this.accept(',')) break;
    }
    this.expect('}');
    return { op: 'map', at, entries };
  }
}

/** Parses an expression. Macros stay calls: the checker and the evaluator know them. Throws CelSyntaxError. */
export function parseCel(source: string): Node {
  if (source.length > MAX_LENGTH) throw new CelSyntaxError('expression code point size exceeds limit', 0);
  const parser = new Parser(source);
  const node = parser.expression();
  if (parser.token.type !== 'end') {
    throw new CelSyntaxError(`Syntax error: extraneous input '${parser.token.text}' expecting <EOF>`, parser.token.at);
  }
  return node;
}
