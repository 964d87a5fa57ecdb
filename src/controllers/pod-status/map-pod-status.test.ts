import { describe, expect, it } from 'vitest';
import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerFacts } from '../../host/podman.ts';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../kinds/types.ts';
import type { ContainerObservation, PodObservation, RunEnd } from './facts.ts';
import { mapPodStatus } from './map-pod-status.ts';
import { currentBases, RESTARTS_ANNOTATION } from './restart-count.ts';
import { statusEvents } from './status-events.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const us = (time: string): number => Date.parse(`2026-01-01T${time}Z`) * 1000;

function unit(more: Partial<UnitState> = {}): UnitState {
  return {
    name: 'u.service',
    loadState: 'loaded',
    activeState: 'active',
    subState: 'running',
    result: 'success',
    mainPid: 1,
    execMainCode: 0,
    execMainStatus: 0,
    execMainStartTimestamp: us('00:01:00'),
    execMainStartTimestampMonotonic: 0,
    execMainExitTimestamp: 0,
    activeEnterTimestamp: us('00:01:00'),
    stateChangeTimestamp: 0,
    nRestarts: 0,
    invocationId: 'i1',
    restartUsecNext: 0,
    slice: '',
    ...more,
  };
}

const ended = { execMainCode: 1, execMainExitTimestamp: us('00:02:00'), mainPid: 0 };
const crashed = unit({
  ...ended,
  execMainStatus: 1,
  activeState: 'activating',
  subState: 'auto-restart',
  restartUsecNext: 160e6,
  nRestarts: 4,
});
const idle = unit({
  activeState: 'inactive',
  subState: 'dead',
  execMainStartTimestamp: 0,
  execMainStartTimestampMonotonic: 0,
  mainPid: 0,
  invocationId: '',
});
const done = unit({ ...ended, subState: 'exited' });

function podman(id = 'c1'): ContainerFacts {
  return {
    id,
    name: 'x',
    pod: 'p',
    isInfra: false,
    image: 'localhost/a:1',
    imageId: 'img1',
    state: 'running',
    pid: 1,
    startedAt: us('00:01:00') / 1000,
    exitedAt: 0,
    exitCode: 0,
    labels: {},
  };
}

const seen = (more: Partial<ContainerObservation> = {}): ContainerObservation => ({
  unit: undefined,
  container: undefined,
  probe: undefined,
  waiting: undefined,
  ...more,
});
const runs = seen({ unit: unit(), container: podman() });

/** What the unit of a container wrote down. */
function endOf(more: Partial<RunEnd> = {}): RunEnd {
  return {
    invocation: 'i0',
    result: 'exit-code',
    exitCode: 1,
    startedAt: Date.parse('2026-01-01T00:01:00Z'),
    finishedAt: Date.parse('2026-01-01T00:02:00Z'),
    delaySeconds: 0,
    failure: '',
    message: '',
    isFinal: false,
    ...more,
  };
}

function observe(
  containers: { [name: string]: ContainerObservation },
  more: Partial<PodObservation> = {},
): PodObservation {
  return { gate: unit(), infra: unit(), containers, imageNames: {}, hostIps: ['192.0.2.1'], ...more };
}

function pod(spec: Partial<PodSpec> = {}, status: PodStatus = {}): Pod {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', generation: 1 },
    spec: { containers: [{ name: 'app', image: 'a:1' }], ...spec },
    status,
  };
}

function map(of: Pod, observation: PodObservation): PodStatus {
  return mapPodStatus(of, { observation, bases: undefined, now: NOW }) ?? {};
}

const app = (status: PodStatus): Partial<ContainerStatus> => status.containerStatuses?.[0] ?? {};
const condition = (status: PodStatus, type: string) => status.conditions?.find((c) => c.type === type);

describe('the state of a container', () => {
  it.each([
    ['is creating before its unit exists', seen(), { waiting: { reason: 'ContainerCreating' } }],
    ['is creating before its unit ran', seen({ unit: idle }), { waiting: { reason: 'ContainerCreating' } }],
    [
      'tells why it is not created',
      seen({ waiting: { reason: 'ErrImagePull', message: 'no' } }),
      { waiting: { reason: 'ErrImagePull', message: 'no' } },
    ],
    [
      'runs until its unit has written down how it ended',
      seen({ unit: unit({ ...ended, activeState: 'deactivating', subState: 'stop-post' }) }),
      { running: { startedAt: '2026-01-01T00:01:00Z' } },
    ],
    ['runs since podman started it', runs, { running: { startedAt: '2026-01-01T00:01:00Z' } }],
    [
      'runs by its unit when podman has not been heard',
      seen({ unit: unit() }),
      { running: { startedAt: '2026-01-01T00:01:00Z' } },
    ],
    [
      'loops with the pause that systemd takes',
      seen({ unit: crashed }),
      {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: 'back-off 2m40s restarting failed container=app pod=web_shop(u1)',
        },
      },
    ],
    [
      'has failed for good',
      seen({ unit: unit({ ...ended, execMainStatus: 3, activeState: 'failed', subState: 'failed' }) }),
      {
        terminated: {
          exitCode: 3,
          reason: 'Error',
          startedAt: '2026-01-01T00:01:00Z',
          finishedAt: '2026-01-01T00:02:00Z',
        },
      },
    ],
    [
      'was killed for its memory',
      seen({ unit: unit({ ...ended, execMainCode: 2, execMainStatus: 9, result: 'oom-kill', activeState: 'failed' }) }),
      {
        terminated: {
          exitCode: 137,
          reason: 'OOMKilled',
          startedAt: '2026-01-01T00:01:00Z',
          finishedAt: '2026-01-01T00:02:00Z',
        },
      },
    ],
  ])('%s', (_, observation, state) => {
    expect(JSON.parse(JSON.stringify(app(map(pod(), observe({ app: observation }))).state))).toEqual(state);
  });

  it.each(['start-pre', 'auto-restart-queued'])(
    'shows what it said last, and waits as long as its unit says in %s',
    (subState) => {
      const end = endOf({ exitCode: 3, message: 'why', delaySeconds: 20 });
      const starting = { ...crashed, subState, nRestarts: 3 };
      const status = map(pod(), observe({ app: seen({ unit: starting, end, lastId: 'c9' }) }));
      expect(app(status)).toMatchObject({
        state: { waiting: { reason: 'CrashLoopBackOff', message: expect.stringMatching(/^back-off 20s restarting/) } },
        lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'why', containerID: 'podman://c9' } },
        restartCount: 2,
      });
      const first = map(pod(), observe({ app: seen({ unit: crashed, end: { ...end, delaySeconds: 0 } }) }));
      expect(app(first).state).toMatchObject({ terminated: { exitCode: 3 } });
    },
  );

  it('tells an end of podman from one of the container', () => {
    const end = endOf({ exitCode: 127, failure: 'crun: no such file', delaySeconds: 10 });
    const status = map(pod(), observe({ app: seen({ unit: { ...crashed, subState: 'start-pre' }, end }) }));
    expect(app(status).lastState?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: 'crun: no such file',
    });
  });

  it('that ended for good before a reboot is what its unit wrote down', () => {
    const end = endOf({ exitCode: 4, isFinal: true });
    const status = map(pod({ restartPolicy: 'Never' }), observe({ app: seen({ unit: idle, end }) }));
    expect(app(status).state?.terminated).toMatchObject({
      exitCode: 4,
      reason: 'Error',
      finishedAt: '2026-01-01T00:02:00Z',
    });
    expect(status.phase).toBe('Failed');
  });

  it('of a oneshot that podman runs is running while its unit starts', () => {
    const starting = seen({ unit: unit({ activeState: 'activating', subState: 'start' }), container: podman() });
    const status = map(
      pod({ initContainers: [{ name: 'init' }] }),
      observe({ init: starting, app: seen({ unit: idle }) }),
    );
    expect(status.initContainerStatuses?.[0]?.state).toEqual({ running: { startedAt: '2026-01-01T00:01:00Z' } });
    expect(app(status).state).toEqual({ waiting: { reason: 'PodInitializing' } });
    expect(condition(status, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [init]',
    });
    expect(status.phase).toBe('Pending');
  });
});

describe('phase and conditions', () => {
  const of = (restartPolicy: string, exitCode: number): string | undefined => {
    const over = unit({
      ...ended,
      execMainStatus: exitCode,
      activeState: exitCode ? 'failed' : 'inactive',
      subState: 'dead',
    });
    return map(pod({ restartPolicy }), observe({ app: seen({ unit: over }) })).phase;
  };

  it('follow the kubelet', () => {
    expect([of('Never', 0), of('Never', 1), of('OnFailure', 0), of('OnFailure', 1), of('Always', 0)]).toEqual([
      'Succeeded',
      'Failed',
      'Succeeded',
      'Running',
      'Running',
    ]);
    expect(map(pod(), observe({ app: seen({ unit: idle }) })).phase).toBe('Pending');
    expect(map(pod({ initContainers: [{ name: 'i' }] }), observe({ i: seen({ unit: done }), app: runs })).phase).toBe(
      'Running',
    );
  });

  it('name the containers that are not ready', () => {
    const probed = { name: 'app', image: 'a:1', readinessProbe: { httpGet: { port: 80 } } };
    const status = map(
      pod({ containers: [probed, { name: 'b' }] }),
      observe({ app: { ...runs, probe: { ready: false } }, b: seen() }),
    );
    const expected = {
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app b]',
    };
    expect(condition(status, 'Ready')).toMatchObject(expected);
    expect(condition(status, 'ContainersReady')).toMatchObject(expected);
  });

  it('trust the gate until the prober has spoken', () => {
    const probed = pod({ containers: [{ name: 'app', readinessProbe: { httpGet: { port: 80 } } }] });
    const gate = unit({ activeState: 'activating' });
    expect(app(map(probed, observe({ app: runs })))).toMatchObject({ ready: true });
    expect(app(map(probed, observe({ app: runs }, { gate })))).toMatchObject({ ready: false, started: true });
    expect(app(map(probed, observe({ app: { ...runs, probe: { ready: true } } }, { gate })))).toMatchObject({
      ready: true,
    });
  });

  it('never change again once the pod has ended', () => {
    const status: PodStatus = { phase: 'Succeeded', conditions: [] };
    expect(map(pod({}, status), observe({ app: runs }))).toBe(status);
  });

  it('are the same for the same facts', () => {
    for (const observation of [observe({ app: runs }), observe({ app: seen({ unit: crashed }) }), observe({})]) {
      const once = map(pod(), observation);
      expect(map(pod({}, once), observation)).toEqual(once);
    }
  });
});

describe('restart counts', () => {
  it('grow with NRestarts and keep the end that was seen in between', () => {
    const first = map(pod(), observe({ app: runs }));
    const waiting = map(pod({}, first), observe({ app: seen({ unit: { ...crashed, nRestarts: 0 } }) }));
    const again = seen({
      unit: unit({ nRestarts: 1, execMainStartTimestamp: us('00:03:00'), invocationId: 'i2' }),
      container: { ...podman('c2'), startedAt: us('00:03:00') / 1000 },
    });
    const second = map(pod({}, waiting), observe({ app: again }));
    expect([app(first), app(waiting), app(second)].map((s) => s.restartCount)).toEqual([0, 0, 1]);
    expect(app(second)).toMatchObject({
      containerID: 'podman://c2',
      state: { running: { startedAt: '2026-01-01T00:03:00Z' } },
      lastState: { terminated: { exitCode: 1, containerID: 'podman://c1' } },
    });
    expect(statusEvents(pod(), waiting, second).map((e) => e.reason)).toEqual(['Created', 'Started']);
    expect(statusEvents(pod(), first, waiting).map((e) => e.message)).toEqual([
      'Back-off restarting failed container app in pod web_shop(u1)',
    ]);
  });

  it('get a new base when the whole pod was started again, as after a reboot', () => {
    const before: PodStatus = {
      containerStatuses: [
        {
          name: 'app',
          restartCount: 2,
          image: '',
          imageID: '',
          ready: true,
          containerID: 'podman://c1',
          state: { running: { startedAt: '2026-01-01T00:01:00Z' } },
        },
      ],
    };
    const infra = unit({ activeEnterTimestamp: us('00:05:00'), invocationId: 'i9' });
    const bases = currentBases(pod({}, before), infra);
    expect(bases).toEqual({ invocation: 'i9', bases: { app: 3 } });
    const since = seen({
      unit: unit({ nRestarts: 1, execMainStartTimestamp: us('00:06:00') }),
      container: { ...podman('c9'), startedAt: us('00:06:00') / 1000 },
    });
    const observation = observe({ app: since }, { infra });
    const status = mapPodStatus(pod({}, before), { observation, bases, now: NOW }) ?? {};
    expect(app(status)).toMatchObject({
      restartCount: 4,
      lastState: { terminated: { exitCode: 255, reason: 'Unknown' } },
    });
    // Started again in the middle of a pause, which goes on for a moment: systemd counts for the former life until then.
    for (const more of [{ activeState: 'failed', subState: 'failed' } as const, { subState: 'auto-restart-queued' }]) {
      const paused = observe({ app: seen({ unit: { ...crashed, ...more, nRestarts: 3 } }) }, { infra });
      expect(app(mapPodStatus(pod({}, before), { observation: paused, bases, now: NOW }) ?? {}).restartCount).toBe(3);
    }
    const kept = { ...pod({}, status), metadata: { annotations: { [RESTARTS_ANNOTATION]: JSON.stringify(bases) } } };
    expect(currentBases(kept, infra)).toEqual(bases);
  });

  it('have no base while the pod runs since its first start', () => {
    const first = map(pod(), observe({ app: runs }));
    expect(currentBases(pod({}, first), unit({ activeEnterTimestamp: us('00:00:59') }))).toBeUndefined();
  });
});

describe('the phase of a pod whose containers have rules of their own', () => {
  const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  const spec = { containers: [{ name: 'app', image: 'a', restartPolicy: 'Never', restartPolicyRules }] };
  const phaseAfter = (exitCode: number): string | undefined => {
    const unit = { ...crashed, execMainStatus: exitCode };
    const end = endOf({ exitCode });
    return map(pod({ restartPolicy: 'Never', ...spec }), observe({ app: seen({ unit, end }) })).phase;
  };

  it('goes by them', () => {
    expect([42, 1, 0].map(phaseAfter)).toEqual(['Running', 'Failed', 'Succeeded']);
  });
});

describe('a pod with a sidecar', () => {
  const spec = {
    restartPolicy: 'Never',
    initContainers: [{ name: 'side', image: 'a', restartPolicy: 'Always' }],
  };
  const complete = seen({ unit: idle, end: endOf({ exitCode: 0 }) });

  it('is over when the sidecar has been stopped, too, even where systemd has forgotten it', () => {
    const side = seen({ unit: unit(), container: podman() });
    expect(map(pod(spec), observe({ app: complete, side })).phase).toBe('Running');
    const stopped = seen({ unit: idle, end: { ...endOf({ exitCode: 137 }), isFinal: false } });
    const status = map(pod(spec), observe({ app: complete, side: stopped }));
    expect(status.phase).toBe('Succeeded');
    expect(status.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137);
  });
});

describe('restarts with all others of the pod', () => {
  it('are counted beside those of systemd since then', () => {
    const counted = (nRestarts: number, restarts: number) =>
      app(map(pod(), observe({ app: seen({ unit: unit({ nRestarts }), container: podman(), restarts }) })))
        .restartCount;
    expect([counted(0, 0), counted(0, 3), counted(2, 3)]).toEqual([0, 3, 5]);
  });
});
