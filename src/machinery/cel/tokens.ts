import { CelSyntaxError } from './ast.ts';
import { Uint } from './values.ts';

/** A token; `value` is that of a literal. */
export interface Token {
  readonly type: 'ident' | 'literal' | 'op' | 'end';
  readonly text: string;
  readonly at: number;
  readonly value?: unknown;
}

const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?/y;
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED_IDENT = /`[A-Za-z0-9_.\-/ ]+`/y;
const STRING = /([rRbB]{0,2})("""[\s\S]*?(?<!\\)"""|'''[\s\S]*?(?<!\\)'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/y;
const RAW_STRING = /([rR][bB]?|[bB][rR])("""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')/y;
const OPERATOR = /\.\?|\[\?|&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;
const ESCAPE =
  /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g;
const SHORT: { readonly [letter: string]: string } = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

/** UTF-8 of a text. */
export function utf8(text: string): readonly number[] {
  return [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|([\s\S])/g)].map(([, hex, plain = '']) =>
    hex === undefined ? plain.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}

function unescapeText(text: string, at: number): string {
  return text.replace(ESCAPE, (whole, short, hex, four, eight, octal, wrong) => {
    if (wrong !== undefined) throw new CelSyntaxError(`Syntax error: token recognition error at: '${whole}'`, at);
    if (short !== undefined) return SHORT[short] ?? short;
    const digits = hex ?? four ?? eight;
    return String.fromCodePoint(digits === undefined ? Number.parseInt(octal, 8) : Number.parseInt(digits, 16));
  });
}

function unescapeBytes(text: string, at: number): Uint8Array {
  const parts = text.split(/(\\[xX][0-9a-fA-F]{2}|\\[0-3][0-7]{2})/);
  const bytes = parts.flatMap((part) => {
    const code = /^\\(?:[xX](..)|([0-3]..))$/.exec(part);
    if (code === null) return utf8(unescapeText(part, at));
    return [code[1] === undefined ? Number.parseInt(code[2] ?? '', 8) : Number.parseInt(code[1], 16)];
  });
  return Uint8Array.from(bytes);
}

function stringToken(found: RegExpExecArray, at: number): Token {
  const [text, prefix = '', quoted = ''] = found;
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const inner = quoted.slice(width, -width);
  const flags = prefix.toLowerCase();
  const raw = flags.includes('r');
  if (flags.includes('b')) {
    return { type: 'literal', text, at, value: raw ? Uint8Array.from(utf8(inner)) : unescapeBytes(inner, at) };
  }
  return { type: 'literal', text, at, value: raw ? inner : unescapeText(inner, at) };
}

const MAX_INT = 2n ** 63n;

function numberToken(text: string, at: number): Token {
  const isHex = /^0[xX]/.test(text);
  if (!isHex && /[.eE]/.test(text)) return { type: 'literal', text, at, value: Number(text) };
  if (/[uU]$/.test(text)) return { type: 'literal', text, at, value: new Uint(BigInt(text.slice(0, -1))) };
  const value = BigInt(text);
  // 2^63 itself is fine after a minus sign: the parser looks at that.
  if (value > MAX_INT) throw new CelSyntaxError('invalid int literal', at);
  return { type: 'literal', text, at, value };
}

function identToken(text: string, at: number): Token {
  if (text === 'true' || text === 'false') return { type: 'literal', text, at, value: text === 'true' };
  if (text === 'null') return { type: 'literal', text, at, value: null };
  return { type: text === 'in' ? 'op' : 'ident', text, at };
}

function tokenAt(source: string, at: number): Token {
  const string = match(RAW_STRING, source, at) ?? match(STRING, source, at);
  if (string !== undefined) return stringToken(string, at);
  const number = match(NUMBER, source, at);
  if (number !== undefined) return numberToken(number[0], at);
  const ident = match(IDENT, source, at);
  if (ident !== undefined) return identToken(ident[0], at);
  const quoted = match(QUOTED_IDENT, source, at);
  if (quoted !== undefined) return { type: 'ident', text: quoted[0], at };
  const operator = match(OPERATOR, source, at);
  if (operator !== undefined) return { type: 'op', text: operator[0], at };
  throw new CelSyntaxError(`Syntax error: token recognition error at: '${source[at]}'`, at);
}

/** Splits an expression; throws CelSyntaxError. The last token is the end. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    at += match(SPACE, source, at)?.[0].length ?? 0;
    if (at >= source.length) return [...tokens, { type: 'end', text: '<EOF>', at: source.length }];
    const token = tokenAt(source, at);
    tokens.push(token);
    at += token.text.length;
  }
}
