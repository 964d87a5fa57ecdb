import { goQuote } from '../../machinery/go-format.ts';
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts';
import type { Mutated } from './apply-configuration.ts';

/** Applies the operations of a JSON patch; a `test` that fails leaves the object alone. */
export function applyOperations(object: object, operations: readonly { readonly [name: string]: unknown }[]): Mutated {
  let current: unknown = object;
  for (const operation of operations) {
    const patched = applyJsonPatch(current, [operation]);
    if (patched.ok) {
      current = patched.value;
      continue;
    }
    if (operation['op'] === 'test') return { ok: true, object };
    const { op, path } = operation;
    const why = `${op} operation does not apply: doc is missing path: ${goQuote(String(path))}: missing value`;
    return { ok: false, message: `JSON Patch: ${why}` };
  }
  return { ok: true, object: current as object };
}
