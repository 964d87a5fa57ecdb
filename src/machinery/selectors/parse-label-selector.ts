import { invalidValue } from '../field-path.ts';
import { isQualifiedName } from '../names.ts';
import { type Parsed, parsed, unparsable } from '../parsed.ts';
import {
  type LabelOperator,
  type LabelRequirement,
  type LabelSelector,
  newRequirement,
  sortRequirements,
} from './label-selector.ts';

type TokenKind = 'identifier' | 'keyword' | 'symbol' | 'error' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const END: Token = { kind: 'end', text: '' };
const SYMBOLS = ['!=', '==', '=', '!', '(', ')', ',', '<', '>'];
const OPERATORS: { readonly [text: string]: LabelOperator } = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [piece] of text.matchAll(/[^\s=!(),<>]+|!=|==|[=!(),<>]/g)) {
    if (SYMBOLS.includes(piece)) tokens.push({ kind: 'symbol', text: piece });
    else tokens.push({ kind: piece === 'in' || piece === 'notin' ? 'keyword' : 'identifier', text: piece });
  }
  return tokens;
}

/** Thrown inside the parser only; `parseLabelSelector` turns it into a value. */
class SelectorSyntaxError extends Error {}

function fail(message: string): never {
  throw new SelectorSyntaxError(message);
}

class TokenStream {
  readonly tokens: readonly Token[];
  position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(): Token {
    return this.tokens[this.position] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }
}

/** `in` and `notin` are ordinary words except where an operator is expected. */
function isWord(token: Token): boolean {
  return token.kind === 'identifier' || token.kind === 'keyword';
}

function startsRequirement(token: Token): boolean {
  return isWord(token) || token.text === '!';
}

function endsRequirement(token: Token): boolean {
  return token.kind === 'end' || token.text === ',';
}

function parseKey(stream: TokenStream): { readonly key: string; readonly negated: boolean } {
  const negated = stream.peek().text === '!';
  if (negated) stream.next();
  const token = stream.next();
  if (!isWord(token)) fail(`found '${token.text}', expected: identifier`);
  const messages = isQualifiedName(token.text);
  if (messages.length > 0) fail(`<nil>: ${invalidValue('', token.text, messages.join('; ')).message}`);
  return { key: token.text, negated };
}

function parseOperator(stream: TokenStream): LabelOperator {
  const token = stream.next();
  const operator = Object.hasOwn(OPERATORS, token.text) ? OPERATORS[token.text] : undefined;
  return operator ?? fail(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
}

function checkAfterWord(after: Token): void {
  if (after.text !== ')' && after.text !== ',') fail(`found '${after.text}', expected: ',' or ')'`);
}

/** Values up to the closing parenthesis, which stays; a missing one between commas is the empty string. */
function parseList(stream: TokenStream): readonly string[] {
  const values = new Set<string>();
  do {
    const token = stream.next();
    if (isWord(token)) {
      values.add(token.text);
      checkAfterWord(stream.peek());
    } else if (token.text !== ',') fail(`found '${token.text}', expected: ',', or identifier`);
    else if (values.size === 0 || [',', ')'].includes(stream.peek().text)) values.add('');
  } while (stream.peek().text !== ')');
  return [...values];
}

function parseValues(stream: TokenStream): readonly string[] {
  const open = stream.next();
  if (open.text !== '(') fail(`found '${open.text}' expected: '('`);
  const first = stream.peek();
  if (first.text === ')') {
    stream.next();
    return [''];
  }
  if (!isWord(first) && first.text !== ',') fail(`found '${first.text}', expected: ',', ')' or identifier`);
  const values = parseList(stream);
  stream.next();
  return [...values].sort();
}

function parseExactValue(stream: TokenStream): readonly string[] {
  if (endsRequirement(stream.peek())) return [''];
  const token = stream.next();
  if (!isWord(token)) fail(`found '${token.text}', expected: identifier`);
  return [token.text];
}

function parseRequirement(stream: TokenStream): LabelRequirement {
  const { key, negated } = parseKey(stream);
  if (negated) return { key, operator: '!', values: [] };
  if (endsRequirement(stream.peek())) return { key, operator: 'exists', values: [] };
  const operator = parseOperator(stream);
  const values = operator === 'in' || operator === 'notin' ? parseValues(stream) : parseExactValue(stream);
  return { key, operator, values };
}

function checkedRequirement(stream: TokenStream): LabelRequirement {
  try {
    const checked = newRequirement(parseRequirement(stream));
    return checked.ok ? checked.value : fail(checked.message);
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    return fail(`unable to parse requirement: ${error.message}`);
  }
}

function parseAll(stream: TokenStream): readonly LabelRequirement[] {
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const token = stream.peek();
    if (token.kind === 'end') return sortRequirements(requirements);
    if (!startsRequirement(token)) fail(`found '${token.text}', expected: !, identifier, or 'end of string'`);
    requirements.push(checkedRequirement(stream));
    const after = stream.next();
    if (after.kind === 'end') return sortRequirements(requirements);
    if (after.text !== ',') fail(`found '${after.text}', expected: ',' or 'end of string'`);
    const following = stream.peek();
    if (!startsRequirement(following)) fail(`found '${following.text}', expected: identifier after ','`);
  }
}

/**
 * `labels.Parse`: the query form of a selector (`a=b,c!=d,e in (f,g),!h,i`). The empty string selects everything.
 * The failure's text is upstream's; a request gets it as a 400.
 */
export function parseLabelSelector(text: string): Parsed<LabelSelector> {
  try {
    return parsed(parseAll(new TokenStream(tokenize(text))));
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    return unparsable(error.message);
  }
}
