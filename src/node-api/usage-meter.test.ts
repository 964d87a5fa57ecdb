import { expect, test } from 'vitest';
import { createUsageMeter } from './usage-meter.ts';

/** A meter whose clock is moved by sleeping; each name uses as many cores as it says. */
function meter(cores: { [name: string]: number }) {
  let at = 0;
  let slept = 0;
  const sleep = async (ms: number): Promise<void> => {
    at += ms;
    slept += ms;
  };
  const measure = createUsageMeter({ now: () => at, sleep }).measure;
  const read = async () =>
    new Map(Object.entries(cores).map(([name, count]) => [name, { cpuNanoseconds: count * at * 1e6 }]));
  return { pass: (ms: number) => (at += ms), slept: () => slept, ask: () => measure(read), cores };
}

test('the first question waits for a second, later ones are answered at once', async () => {
  const it = meter({ a: 0.5 });
  expect([...(await it.ask()).values()].map(({ rate }) => rate)).toEqual([{ nanoCores: 5e8, windowMs: 1000 }]);
  it.pass(14_000);
  expect((await it.ask()).get('a')?.rate).toEqual({ nanoCores: 5e8, windowMs: 15_000 });
  expect(it.slept()).toBe(1000);
});

test('what started since the last question is waited for', async () => {
  const it = meter({ a: 1 });
  await it.ask();
  it.cores['b'] = 2;
  it.pass(10_000);
  expect([...(await it.ask()).keys()]).toEqual(['a', 'b']);
  expect(it.slept()).toBe(2000);
});

test('a counter that went back is another one, and has no rate before it is read twice', async () => {
  const it = meter({ a: 4 });
  it.pass(10_000);
  await it.ask();
  it.cores['a'] = 1;
  it.pass(5_000);
  expect((await it.ask()).get('a')?.rate).toEqual({ nanoCores: 1e9, windowMs: 1000 });
});

test('readings older than a minute are forgotten', async () => {
  const it = meter({ a: 1 });
  await it.ask();
  it.pass(120_000);
  expect((await it.ask()).get('a')?.rate.windowMs).toBe(1000);
});
