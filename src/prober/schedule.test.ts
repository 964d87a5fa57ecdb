import fc, { assert, property } from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSchedule } from './schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const appointments = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 9 }),
    due: fc.integer({ min: -100, max: 20_000 }),
    at: fc.integer({ min: 0, max: 10_000 }),
    isCancelled: fc.boolean(),
  }),
  { maxLength: 60 },
);

it('keeps every appointment that is neither replaced nor cancelled, once, and in time', () => {
  assert(
    property(appointments, (wanted) => {
      vi.setSystemTime(0);
      const schedule = createSchedule(Date.now);
      const kept: { readonly id: number; readonly at: number }[] = [];
      const valid = new Map<number, { readonly id: number; readonly due: number }>();
      const expected: { readonly id: number; readonly due: number }[] = [];
      const settle = (key: number): void => {
        const known = valid.get(key);
        if (known !== undefined && kept.some(({ id }) => id === known.id)) expected.push(known);
      };
      for (const [id, { key, due, at, isCancelled }] of [...wanted.entries()].sort(([, a], [, b]) => a.at - b.at)) {
        vi.advanceTimersByTime(at - Date.now());
        settle(key);
        if (isCancelled) {
          schedule.cancel(String(key));
          valid.delete(key);
        } else {
          schedule.set(String(key), due, () => kept.push({ id, at: Date.now() }));
          valid.set(key, { id, due });
        }
      }
      vi.advanceTimersByTime(60_000);
      expected.push(...valid.values());
      const ids = (list: readonly { readonly id: number }[]) => [...new Set(list.map(({ id }) => id))].sort();
      expect(ids(kept)).toEqual(ids(expected));
      expect(kept).toHaveLength(ids(kept).length);
      for (const { id, at } of kept) {
        const { due, at: made } = wanted[id] ?? { due: 0, at: 0 };
        expect(at).toBeGreaterThanOrEqual(Math.max(due - 50, made));
        expect(at).toBeLessThanOrEqual(Math.max(due, made) + 1);
      }
      schedule.close();
    }),
  );
});
