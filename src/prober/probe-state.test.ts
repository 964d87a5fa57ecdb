import { describe, expect, it } from 'vitest';
import type { CompiledProbe, ContainerProbes } from '../../translators/formats/probes.ts';
import type { ProbeKind } from './probe-kinds.ts';
import {
  type ContainerState,
  restoredState,
  resultsOf,
  UNSEEN,
  wantsProbe,
  withOutcome,
  withRun,
} from './probe-state.ts';

const probe: CompiledProbe = {
  action: { type: 'tcp', host: '127.0.0.1', port: 1 },
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
  terminationGracePeriodSeconds: 30,
};
const container = (probes: Partial<ContainerProbes>): ContainerProbes => ({
  name: 'web',
  unit: 'qs-a_b_web.service',
  podmanName: 'qs-a_b_web',
  terminationGracePeriodSeconds: 30,
  ...probes,
});
const run = (id: string) => ({ id, startedAt: 1_000 });

/** Feeds outcomes: `+` success, `-` failure, `?` unknown. Tells the state and how often it said restart. */
function feed(probes: ContainerProbes, kind: ProbeKind, outcomes: string, from: ContainerState) {
  let state = from;
  let restarts = 0;
  for (const sign of outcomes) {
    const result = sign === '+' ? 'success' : sign === '-' ? 'failure' : 'unknown';
    const verdict = withOutcome(state, probes, { kind, outcome: { result, message: 'no' } });
    state = verdict.state;
    restarts += verdict.restart ? 1 : 0;
  }
  return { state, restarts, ...resultsOf(state, probes) };
}

describe('a container', () => {
  it('without probes is started and ready as soon as it runs', () => {
    const probes = container({});
    expect(resultsOf(withRun(UNSEEN, probes, run('a')), probes)).toMatchObject({
      run: 'a',
      started: true,
      ready: true,
    });
    expect(resultsOf(withRun(UNSEEN, probes, undefined), probes)).toMatchObject({
      run: '',
      started: false,
      ready: false,
    });
  });

  it('loses everything with a new run, but not the count of incidents', () => {
    const probes = container({ readiness: probe });
    const ready = feed(probes, 'readiness', '-+', withRun(UNSEEN, probes, run('a')));
    expect(ready.ready).toBe(true);
    const again = withRun(ready.state, probes, run('b'));
    expect(resultsOf(again, probes)).toMatchObject({ run: 'b', ready: false, lastMessage: '' });
    expect(feed(probes, 'readiness', '-', again).incidents.map((one) => one.sequence)).toEqual([1, 2]);
  });

  it('keeps what an earlier prober knew of the same run', () => {
    const probes = container({ readiness: probe, startup: probe });
    const results = { run: 'a', started: true, ready: true, lastMessage: '', incidents: [] };
    expect(resultsOf(withRun(restoredState(results), probes, run('a')), probes)).toEqual(results);
    expect(resultsOf(withRun(restoredState(results), probes, run('b')), probes)).toMatchObject({
      started: false,
      ready: false,
    });
  });
});

describe('readiness', () => {
  it('follows its thresholds, both counted in a row', () => {
    const probes = container({ readiness: { ...probe, successThreshold: 2, failureThreshold: 3 } });
    const start = withRun(UNSEEN, probes, run('a'));
    const readyAfter = (outcomes: string): boolean => feed(probes, 'readiness', outcomes, start).ready;
    expect(['', '+', '+-+', '++', '++--', '++--+--', '++---', '++---+', '++---++', '+?+'].map(readyAfter)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it('never restarts', () => {
    const probes = container({ readiness: probe });
    expect(feed(probes, 'readiness', '------', withRun(UNSEEN, probes, run('a'))).restarts).toBe(0);
  });
});

describe('liveness', () => {
  it('restarts once at its threshold and then waits for a new run', () => {
    const probes = container({ liveness: probe });
    const fed = feed(probes, 'liveness', '--+-----', withRun(UNSEEN, probes, run('a')));
    expect(fed.restarts).toBe(1);
    expect(wantsProbe(fed.state, 'liveness')).toBe(false);
    expect(wantsProbe(withRun(fed.state, probes, run('b')), 'liveness')).toBe(true);
    expect(fed.incidents.map((one) => `${one.type} ${one.reason} ${one.message}`).slice(-2)).toEqual([
      'Warning Unhealthy Liveness probe failed: no',
      'Normal Killing Container web failed liveness probe, will be restarted',
    ]);
  });
});

describe('startup', () => {
  it('holds the others back until it succeeds', () => {
    const probes = container({ startup: probe, liveness: probe, readiness: probe });
    const start = withRun(UNSEEN, probes, run('a'));
    expect((['startup', 'liveness', 'readiness'] as const).map((kind) => wantsProbe(start, kind))).toEqual([
      true,
      false,
      false,
    ]);
    const { state, started } = feed(probes, 'startup', '-+', start);
    expect(started).toBe(true);
    expect((['startup', 'liveness', 'readiness'] as const).map((kind) => wantsProbe(state, kind))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('restarts when it never succeeds', () => {
    const probes = container({ startup: probe });
    const fed = feed(probes, 'startup', '---', withRun(UNSEEN, probes, run('a')));
    expect(fed).toMatchObject({ restarts: 1, started: false });
  });
});
