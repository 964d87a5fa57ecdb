import { describe, expect, it } from 'vitest';
import type { Requeue } from './controller.ts';
import { createFakeClock } from './fake-clock.ts';
import { createWorkQueue, retryDelay } from './work-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function queueOf(process: (key: string) => Promise<Requeue | undefined>, concurrency = 1) {
  const clock = createFakeClock();
  const abort = new AbortController();
  const errors: number[] = [];
  const onError = (_key: string, _error: unknown, ms: number): void => void errors.push(ms);
  const queue = createWorkQueue({ clock, concurrency, signal: abort.signal, process, onError });
  return { clock, queue, abort, errors };
}

describe('the work queue', () => {
  it('makes one look of many additions', async () => {
    const seen: string[] = [];
    const { queue } = queueOf(async (key) => void seen.push(key));
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    await queue.idle();
    expect(seen).toEqual(['a', 'b']);
    expect(queue.counts()).toMatchObject({ adds: 2, depth: 0, retries: 0, looks: 2 });
  });

  it('looks once more at a key that was added during its look, and never at one twice at a time', async () => {
    let atWork = 0;
    let looks = 0;
    const { queue } = queueOf(async () => {
      expect(++atWork).toBe(1);
      if (++looks === 1) for (let i = 0; i < 3; i++) queue.add('a');
      await turn();
      atWork--;
      return undefined;
    }, 8);
    queue.add('a');
    await queue.idle();
    expect(looks).toBe(2);
  });

  it('waits by the time that passes, whatever the clock is set to', async () => {
    const seen: string[] = [];
    const { clock, queue } = queueOf(async (key) => void seen.push(key));
    queue.addAfter('a', 60_000);
    clock.jump(86_400_000);
    queue.addAfter('a', 1000);
    clock.advance(1000);
    await queue.idle();
    expect(seen).toEqual(['a']);
  });

  it('works on different keys at the same time up to its concurrency', async () => {
    let atWork = 0;
    let most = 0;
    const { queue } = queueOf(async () => {
      most = Math.max(most, ++atWork);
      await turn();
      atWork--;
      return undefined;
    }, 3);
    for (let i = 0; i < 10; i++) queue.add(`k${i}`);
    await queue.idle();
    expect(most).toBe(3);
  });

  it('retries failures ever more slowly, from 5 ms to 5 min, and forgets them after a success', async () => {
    let fails = true;
    const { queue, clock, errors } = queueOf(async () => {
      if (fails) throw new Error('no');
      return undefined;
    });
    queue.add('a');
    for (let i = 0; i < 20; i++) {
      await queue.idle();
      clock.advance(clock.nextMs ?? 0);
    }
    expect(errors.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(errors.at(-1)).toBe(300_000);
    fails = false;
    await queue.idle();
    clock.advance(300_000);
    await queue.idle();
    fails = true;
    queue.add('a');
    await queue.idle();
    expect(errors.at(-1)).toBe(5);
    expect(retryDelay(1000)).toBe(300_000);
  });

  it('keeps the earlier of two delays', async () => {
    const seen: number[] = [];
    const { queue, clock } = queueOf(async () => void seen.push(clock.now()));
    const start = clock.now();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    clock.advance(100);
    await queue.idle();
    clock.advance(2000);
    await queue.idle();
    expect(seen.map((at) => at - start)).toEqual([100]);
  });

  it('does nothing more once aborted', async () => {
    const seen: string[] = [];
    const { queue, clock, abort } = queueOf(async (key) => void seen.push(key));
    queue.addAfter('late', 10);
    queue.add('a');
    abort.abort();
    queue.add('b');
    clock.advance(100);
    await queue.idle();
    expect(seen).toEqual([]);
  });
});
