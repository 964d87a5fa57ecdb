import { badRequest } from '../machinery/status-error.ts';

/** Where a list goes on: after which key, and at which revision (-1: at whatever is current). */
export interface Continuation {
  readonly rv: number;
  readonly start: string;
}

/** The opaque form of a continuation. */
export function encodeContinue(continuation: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...continuation })).toString('base64url');
}

/** Reads a continuation back. Throws 400. */
export function decodeContinue(token: string): Continuation {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<Continuation>;
    if (Number.isSafeInteger(rv) && typeof rv === 'number' && typeof start === 'string') return { rv, start };
  } catch {
    // Falls through: whatever isn't ours is refused in the same words.
  }
  throw badRequest('invalid continue token: continue key is not valid: incorrect encoding');
}
