/** A node of a parsed expression; `at` is its place in the text, in UTF-16 units. */
export type Node =
  | { readonly op: 'literal'; readonly at: number; readonly value: unknown }
  | { readonly op: 'ident'; readonly at: number; readonly name: string }
  | {
      readonly op: 'select';
      readonly at: number;
      readonly of: Node;
      readonly field: string;
      readonly optional: boolean;
    }
  | {
      readonly op: 'index';
      readonly at: number;
      readonly of: Node;
      readonly index: Node;
      readonly optional: boolean;
    }
  | {
      readonly op: 'call';
      readonly at: number;
      readonly name: string;
      readonly target: Node | undefined;
      readonly args: readonly Node[];
    }
  | { readonly op: 'list'; readonly at: number; readonly items: readonly ListItem[] }
  | { readonly op: 'map'; readonly at: number; readonly entries: readonly MapEntry[] }
  | { readonly op: 'struct'; readonly at: number; readonly name: string; readonly fields: readonly FieldInit[] };

/** An item of a list literal; an optional one is left out where it is none. */
export interface ListItem {
  readonly value: Node;
  readonly optional: boolean;
}

/** An entry of a map literal; an optional one is left out where it is none. */
export interface MapEntry {
  readonly key: Node;
  readonly value: Node;
  readonly optional: boolean;
}

/** A field of a struct literal; an optional one is left out where it is none. */
export interface FieldInit {
  readonly name: string;
  readonly at: number;
  readonly value: Node;
  readonly optional: boolean;
}

/** The dotted name that selections spell, `a.b.c`; undefined for anything else. */
export function qualifiedName(node: Node): string | undefined {
  if (node.op === 'ident') return node.name;
  if (node.op !== 'select' || node.optional) return undefined;
  const outer = qualifiedName(node.of);
  return outer === undefined ? undefined : `${outer}.${node.field}`;
}

/** What is wrong with an expression, and where. */
export class CelSyntaxError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'CelSyntaxError';
    this.at = at;
  }
}

/** A message with its place as cel-go shows it: the line and a caret below it. */
export function printIssue(source: string, at: number, message: string): string {
  const before = source.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const end = source.indexOf('\n', at);
  const text = source.slice(start, end < 0 ? source.length : end);
  return `ERROR: <input>:${line}:${at - start + 1}: ${message}\n | ${text}\n | ${'.'.repeat(at - start)}^`;
}
