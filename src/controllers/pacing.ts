import type { Clock } from './clock.ts';

/** Lets a key pass `ms` after it was first heard of, once for all that was heard meanwhile: hints come in salvos. */
export function paced(pass: (key: string) => void, { clock, ms }: { clock: Clock; ms: number }): (key: string) => void {
  const waiting = new Set<string>();
  return (key) => {
    if (waiting.has(key)) return;
    waiting.add(key);
    clock.after(ms, () => {
      waiting.delete(key);
      pass(key);
    });
  };
}
