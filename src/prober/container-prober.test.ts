import fc, { assert, asyncProperty } from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CompiledProbe, ContainerProbes } from '../../translators/formats/probes.ts';
import { createContainerProber, type ProbingTools } from './container-prober.ts';
import { createSchedule } from './schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tcp = { type: 'tcp', host: '192.0.2.1', port: 80 } as const;
const probeOf = (periodSeconds: number, action: CompiledProbe['action'] = tcp): CompiledProbe => ({
  action,
  initialDelaySeconds: 0,
  periodSeconds,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
  terminationGracePeriodSeconds: 30,
});

interface Asked {
  readonly probe: CompiledProbe;
  readonly at: number;
}

/** Containers that start at such times and are probed, each answer taking its time, for so long. */
async function probing(
  containers: readonly { readonly startedAt: number; readonly probe: CompiledProbe; readonly answerMs: number }[],
  forMs: number,
): Promise<readonly Asked[]> {
  vi.setSystemTime(0);
  const asked: Asked[] = [];
  const schedule = createSchedule(Date.now);
  const tools = ({ answerMs }: { readonly answerMs: number }): ProbingTools => ({
    schedule,
    now: Date.now,
    random: () => 0.5,
    probe: async (_, probe) => {
      asked.push({ probe, at: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      return { result: 'success', message: '' };
    },
    stop: async () => undefined,
    warn: () => undefined,
  });
  for (const [i, container] of [...containers.entries()].sort(([, a], [, b]) => a.startedAt - b.startedAt)) {
    await vi.advanceTimersByTimeAsync(container.startedAt - Date.now());
    const names = { name: `c${i}`, unit: `u${i}`, podmanName: `p${i}` };
    const probes: ContainerProbes = { ...names, terminationGracePeriodSeconds: 30, liveness: container.probe };
    const more = { key: String(i), changed: () => undefined };
    createContainerProber(probes, { ...tools(container), ...more }).observe({ id: 'a', startedAt: Date.now() });
  }
  await vi.advanceTimersByTimeAsync(forMs - Date.now());
  schedule.close();
  return asked;
}

it('loses no probe: each container is asked once a period, however many are due together', async () => {
  const container = fc.record({
    startedAt: fc.integer({ min: 0, max: 5_000 }),
    periodSeconds: fc.integer({ min: 1, max: 12 }),
    answerMs: fc.integer({ min: 0, max: 900 }),
    isExec: fc.boolean(),
  });
  await assert(
    asyncProperty(fc.array(container, { minLength: 1, maxLength: 20 }), async (wanted) => {
      const exec = { type: 'exec', command: ['true'] } as const;
      const containers = wanted.map((one) => ({ ...one, probe: probeOf(one.periodSeconds, one.isExec ? exec : tcp) }));
      const asked = await probing(containers, 60_000);
      for (const { startedAt, periodSeconds, probe } of containers) {
        const times = asked.filter((one) => one.probe === probe).map(({ at }) => at);
        const [first = 0] = times;
        expect(first - startedAt).toBeGreaterThanOrEqual(periodSeconds * 1_000 - 50);
        expect(first - startedAt).toBeLessThanOrEqual(periodSeconds * 1_000 + 1_000);
        // What is due in the same 50 ms is done in one go.
        const periods = (slack: number): number => Math.floor((60_000 - first + slack) / (periodSeconds * 1_000));
        expect([periods(-50) + 1, periods(50) + 1]).toContain(times.length);
        for (const [i, at] of times.entries()) {
          expect(Math.abs(at - first - i * periodSeconds * 1_000)).toBeLessThanOrEqual(50);
        }
      }
    }),
    { numRuns: 20 },
  );
});

it('asks many containers in few moments, and runs commands one after the other', async () => {
  const many = (action: CompiledProbe['action']) =>
    Array.from({ length: 50 }, (_, i) => ({ startedAt: i * 97, probe: probeOf(1, action), answerMs: 5 }));
  const moments = async (action: CompiledProbe['action']) => {
    const asked = await probing(many(action), 12_000);
    return new Set(asked.filter(({ at }) => at >= 10_000 && at < 11_000).map(({ at }) => at)).size;
  };
  expect(await moments(tcp)).toBe(4);
  expect(await moments({ type: 'exec', command: ['true'] })).toBeGreaterThan(4);
});
