import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceManager, ServiceManagerError, type UnitState } from './service-manager.ts';

/** A unit that the suite asks for; every fake and every real host can make it. */
export interface ConformanceUnit {
  readonly name: string;
  readonly type?: 'simple' | 'oneshot';
  readonly remainAfterExit?: boolean;
  readonly restart?: 'no' | 'on-failure' | 'always';
  /** `oneshot`: the status its command ends with. `simple`: it sleeps for ever. */
  readonly startStatus?: number;
  readonly requires?: readonly string[];
  readonly partOf?: readonly string[];
  readonly slice?: string;
}

/** What the suite needs from whoever runs it. */
export interface ServiceManagerHarness {
  readonly manager: ServiceManager;
  /** Puts the unit's file in place; the suite reloads. */
  define(unit: ConformanceUnit): Promise<void>;
  undefine(name: string): Promise<void>;
  /** Lets a pending automatic restart happen now, or soon. */
  letRestart(name: string): Promise<void>;
  close(): Promise<void>;
}

const PREFIX = 'qs-conformance-';
const unitName = (stem: string): string => `${PREFIX}${stem}.service`;

/** What every ServiceManager does. */
export function serviceManagerConformance(title: string, open: () => Promise<ServiceManagerHarness>): void {
  describe(`${title} as a ServiceManager`, () => {
    let harness: ServiceManagerHarness;
    let manager: ServiceManager;
    const defined = new Set<string>();

    const define = async (...units: readonly ConformanceUnit[]): Promise<void> => {
      for (const unit of units) {
        defined.add(unit.name);
        await harness.define(unit);
      }
      await manager.reload();
    };

    beforeAll(async () => {
      harness = await open();
      manager = harness.manager;
    });

    afterEach(async () => {
      for (const name of defined) {
        await manager.stop(name).catch(() => undefined);
        await manager.resetFailed(name).catch(() => undefined);
        await harness.undefine(name);
      }
      defined.clear();
      await manager.reload();
    });

    afterAll(async () => {
      manager.close();
      await harness.close();
    });

    it('reports a unit that does not exist as not found', async () => {
      const state = await manager.get(unitName('nothing'));
      expect(state).toMatchObject({ loadState: 'not-found', activeState: 'inactive', mainPid: 0, invocationId: '' });
    });

    it('knows a unit after a reload, and runs it', async () => {
      const name = unitName('a.b_c-d@x');
      await define({ name });
      expect(await manager.get(name)).toMatchObject({ name, loadState: 'loaded', activeState: 'inactive' });

      expect(await manager.start(name)).toBe('done');

      const state = await manager.get(name);
      expect(state).toMatchObject({ activeState: 'active', subState: 'running', result: 'success', nRestarts: 0 });
      expect(state.mainPid).toBeGreaterThan(1);
      expect(state.execMainStartTimestamp).toBeGreaterThan(1_600_000_000_000_000);
      const age = Number(process.hrtime.bigint()) / 1e3 - state.execMainStartTimestampMonotonic;
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(600e6);
      expect(state.execMainExitTimestamp).toBe(0);
      expect(state.invocationId).toMatch(/^[0-9a-f]{32}$/);
    });

    it('peeks at what is in memory: nothing of a unit that nobody has asked for, and what there is of one that runs', async () => {
      const name = unitName('peeked');
      await define({ name });
      expect(await manager.peek(unitName('nothing'))).toBeUndefined();
      expect(await manager.peek(name)).toBeUndefined();
      await manager.start(name);
      expect(await manager.peek(name)).toEqual(await manager.get(name));
    });

    it('tells the slice that a unit runs in', async () => {
      const [plain, sliced] = [unitName('plain'), unitName('sliced')];
      await define({ name: plain });
      await define({ name: sliced, slice: 'qs-conformance.slice' });
      await manager.start(plain);
      await manager.start(sliced);
      expect((await manager.get(plain)).slice).toBe('system.slice');
      expect((await manager.get(sliced)).slice).toBe('qs-conformance.slice');
    });

    it('starting what runs is done, and leaves it alone', async () => {
      const name = unitName('twice');
      await define({ name });
      await manager.start(name);
      const before = await manager.get(name);
      expect(await manager.start(name)).toBe('done');
      expect((await manager.get(name)).mainPid).toBe(before.mainPid);
    });

    it('stops a unit and keeps its last exit', async () => {
      const name = unitName('stop');
      await define({ name });
      await manager.start(name);
      expect(await manager.stop(name)).toBe('done');
      expect(await manager.get(name)).toMatchObject({ activeState: 'inactive', mainPid: 0 });
    });

    it('restarts with a new process and a new invocation', async () => {
      const name = unitName('restart');
      await define({ name });
      await manager.start(name);
      const before = await manager.get(name);
      expect(await manager.restart(name)).toBe('done');
      const after = await manager.get(name);
      expect(after.mainPid).not.toBe(before.mainPid);
      expect(after.invocationId).not.toBe(before.invocationId);
    });

    it('tells the result and status of a oneshot that fails', async () => {
      const name = unitName('fails');
      await define({ name, type: 'oneshot', startStatus: 3 });
      expect(await manager.start(name)).toBe('failed');
      expect(await manager.get(name)).toMatchObject({
        activeState: 'failed',
        result: 'exit-code',
        execMainCode: 1,
        execMainStatus: 3,
        mainPid: 0,
      });
      await manager.resetFailed(name);
      expect(await manager.get(name)).toMatchObject({ activeState: 'inactive', result: 'success' });
    });

    it('keeps a oneshot with RemainAfterExit active', async () => {
      const name = unitName('remains');
      await define({ name, type: 'oneshot', remainAfterExit: true });
      expect(await manager.start(name)).toBe('done');
      expect(await manager.get(name)).toMatchObject({ activeState: 'active', subState: 'exited', execMainStatus: 0 });
    });

    it('fails a start whose requirement fails', async () => {
      const [gate, member] = [unitName('gate'), unitName('member')];
      await define(
        { name: gate, type: 'oneshot', requires: [member] },
        { name: member, type: 'oneshot', startStatus: 1 },
      );
      expect(await manager.start(gate)).toBe('dependency');
    });

    it('stops the parts of a unit with it', async () => {
      const [gate, member] = [unitName('whole'), unitName('part')];
      await define(
        { name: gate, type: 'oneshot', remainAfterExit: true, requires: [member] },
        { name: member, partOf: [gate] },
      );
      await manager.start(gate);
      expect(await manager.get(member)).toMatchObject({ activeState: 'active' });
      await manager.stop(gate);
      expect(await manager.get(member)).toMatchObject({ activeState: 'inactive' });
    });

    it('refuses to start or stop what does not exist, naming the unit', async () => {
      const name = unitName('missing');
      const refusal = { name: 'ServiceManagerError', unit: name, dbusName: 'org.freedesktop.systemd1.NoSuchUnit' };
      await expect(manager.start(name)).rejects.toMatchObject(refusal);
      await expect(manager.startNoWait(name)).rejects.toMatchObject(refusal);
      await expect(manager.stop(name)).rejects.toBeInstanceOf(ServiceManagerError);
      await expect(manager.kill(name, 9)).rejects.toBeInstanceOf(ServiceManagerError);
      await expect(manager.resetFailed(name)).rejects.toBeInstanceOf(ServiceManagerError);
      await expect(manager.setResources(name, { cpuWeight: 2 })).rejects.toBeInstanceOf(ServiceManagerError);
    });

    it('does not start when the caller has given up already', async () => {
      const name = unitName('aborted');
      await define({ name });
      const reason = new Error('given up');
      await expect(manager.start(name, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(await manager.get(name)).toMatchObject({ activeState: 'inactive' });
    });

    it('gives a running unit other limits and leaves it alone otherwise', async () => {
      const name = unitName('sized');
      await define({ name });
      await manager.start(name);
      const { mainPid } = await manager.get(name);
      await manager.setResources(name, { cpuWeight: 50, cpuQuotaUsecPerSec: 500_000, memoryMax: 2 ** 33 });
      await manager.setResources(name, {});
      expect(await manager.get(name)).toMatchObject({ activeState: 'active', mainPid });
    });

    it('kills by signal; a restart policy brings it back and is counted', async () => {
      const name = unitName('killed');
      await define({ name, restart: 'always' });
      await manager.start(name);
      const before = await manager.get(name);
      await manager.kill(name, 9);
      await until(
        () => manager.get(name),
        (state) => state.mainPid !== before.mainPid,
      );
      await harness.letRestart(name);
      const after = await until(
        () => manager.get(name),
        (state) => state.nRestarts === 1 && state.mainPid !== 0,
      );
      expect(after.mainPid).not.toBe(before.mainPid);
      expect(after.activeState).toBe('active');
    });

    it('shows the signal that ended a unit', async () => {
      const name = unitName('signal');
      await define({ name });
      await manager.start(name);
      await manager.kill(name, 9);
      const state = await until(
        () => manager.get(name),
        ({ activeState }) => activeState === 'failed',
      );
      expect(state).toMatchObject({ result: 'signal', execMainCode: 2, execMainStatus: 9 });
      expect(state.execMainExitTimestamp).toBeGreaterThanOrEqual(state.execMainStartTimestamp);
    });

    it('lists by glob what runs', async () => {
      const [one, two] = [unitName('list-1'), unitName('list-2')];
      await define({ name: one }, { name: two });
      await Promise.all([manager.start(one), manager.start(two)]);
      const names = (states: readonly UnitState[]): readonly string[] => states.map((state) => state.name).sort();
      expect(names(await manager.list([`${PREFIX}list-*`]))).toEqual([one, two]);
      expect(names(await manager.list([one, `${PREFIX}nothing*`]))).toEqual([one]);
      expect(await manager.list([`${PREFIX}nothing*`])).toEqual([]);
    });

    it('hints at units below the prefix and at no others, until aborted', async () => {
      const [mine, other] = [unitName('watched'), 'other-conformance.service'];
      await define({ name: mine }, { name: other });
      const seen = new Set<string>();
      const abort = new AbortController();
      await manager.watch(`${PREFIX}watch`, (unit) => seen.add(unit), { signal: abort.signal });
      await manager.start(other);
      await manager.start(mine);
      await until(
        async () => seen,
        (units) => units.has(mine),
      );
      expect([...seen].filter((unit) => unit !== '')).toEqual([mine]);

      abort.abort();
      seen.clear();
      const abortLater = new AbortController();
      const later = new Set<string>();
      await manager.watch(PREFIX, (unit) => later.add(unit), { signal: abortLater.signal });
      await manager.stop(mine);
      await until(
        async () => later,
        (units) => units.has(mine),
      );
      abortLater.abort();
      expect(seen).toEqual(new Set());
    });

    it('shares one reload among concurrent calls', async () => {
      const name = unitName('shared');
      defined.add(name);
      await harness.define({ name });
      await Promise.all(Array.from({ length: 20 }, () => manager.reload()));
      expect(await manager.get(name)).toMatchObject({ loadState: 'loaded' });
    });
  });
}

/** Reads until the value satisfies, for at most 30 s. */
async function until<T>(read: () => Promise<T>, satisfied: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const value = await read();
    if (satisfied(value)) return value;
    if (performance.now() > deadline) throw new Error(`still not so after 30 s: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
