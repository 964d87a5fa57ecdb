import { type Parsed, parsed, unparsable } from '../parsed.ts';

/** One term of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Terms that all have to hold; an empty list selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/** Terms at commas that no backslash escapes; the backslashes stay. */
function splitTerms(text: string): readonly string[] {
  return text === ''
    ? []
    : (text.match(/(?:^|,)(?:\\[\s\S]|[^,\\]|\\$)*/g) ?? []).map((t, i) => (i === 0 ? t : t.slice(1)));
}

function unescapeValue(text: string): Parsed<string> {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === ',' || c === '=') {
      return unparsable(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    }
    if (c !== '\\') {
      value += c;
      continue;
    }
    const escaped = text.charAt(++i);
    if (!['\\', ',', '='].includes(escaped)) {
      return unparsable(`invalid field selector: invalid escape sequence: \\${escaped}`);
    }
    value += escaped;
  }
  return parsed(value);
}

function parseTerm(term: string, whole: string): Parsed<FieldRequirement> {
  const match = /^(.*?)(!=|==|=)([\s\S]*)$/s.exec(term);
  if (match === null) return unparsable(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field = '', operator, right = ''] = match;
  const value = unescapeValue(right);
  return value.ok ? parsed({ field, operator: operator === '!=' ? '!=' : '=', value: value.value }) : value;
}

/** `fields.ParseSelector`: `a=b,c!=d`; values escape `\`, `,` and `=` with a backslash. */
export function parseFieldSelector(text: string): Parsed<FieldSelector> {
  const requirements: FieldRequirement[] = [];
  for (const term of [...splitTerms(text)].sort()) {
    if (term === '') continue;
    const requirement = parseTerm(term, text);
    if (!requirement.ok) return requirement;
    requirements.push(requirement.value);
  }
  return parsed(requirements);
}

/** Whether an object satisfies a field selector; `read` gives a field's text, '' when absent. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  return selector.every(({ field, operator, value }) => (read(field) === value) === (operator === '='));
}

/** The only value that a field may have, as a hint for look-ups (`metadata.name=x`). */
export function exactFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((r) => r.field === field && r.operator === '=')?.value;
}

/** The query form, values escaped. */
export function printFieldSelector(selector: FieldSelector): string {
  return selector.map((r) => `${r.field}${r.operator}${r.value.replace(/[\\,=]/g, (c) => `\\${c}`)}`).join(',');
}
