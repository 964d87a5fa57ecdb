import type { Clock } from './clock.ts';

/**
 * Lets a key pass at once, and what follows within `ms` only then and only once: hints come in salvos, and one look
 * answers all of them.
 */
export function paced(pass: (key: string) => void, { clock, ms }: { clock: Clock; ms: number }): (key: string) => void {
  /** Keys that have passed lately, and whether they were heard of again since. */
  const recent = new Map<string, boolean>();
  const admit = (key: string): void => {
    recent.set(key, false);
    clock.after(ms, () => {
      const again = recent.get(key) === true;
      recent.delete(key);
      if (again) admit(key);
    });
    pass(key);
  };
  return (key) => {
    if (recent.has(key)) recent.set(key, true);
    else admit(key);
  };
}
