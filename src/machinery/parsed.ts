/** Outcome of a parser: the value, or upstream's sentence about what is wrong. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A parser's success. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** A parser's failure. */
export function unparsable(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
