import { expect, test } from 'vitest';
import { createFakeJournal } from '../../systemd/fake-journal.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import type { ContainerStatus, Pod } from '../kinds/types.ts';
import { createPodStreams } from './create-pod-streams.ts';
import type { LogOptions } from './pod-streams.ts';

const CREATED = '2026-01-01T00:00:00Z';
const START = Date.parse(CREATED) * 1000;
const NAME = 'qs-shop_web_main';

function podWith(status: Partial<ContainerStatus> | undefined, more: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  const container = { name: 'main', image: 'x', imageID: '', ready: true, restartCount: 0, ...status };
  return {
    metadata: { namespace: 'shop', name: 'web', uid: 'u', creationTimestamp: CREATED },
    spec: { containers: [{ name: 'main', image: 'x' }], ...more },
    status: { phase: 'Running', containerStatuses: status === undefined ? [] : [container] },
  } as unknown as Pod;
}

const RUNNING = podWith({
  containerID: 'podman://two',
  state: { running: {} },
  lastState: { terminated: { exitCode: 1 } },
});

function setUp() {
  const podman = createFakePodman();
  const journal = createFakeJournal();
  podman.setContainer({ name: NAME, id: 'two' });
  let at = START;
  const append = (message: string, id: string, fields: Record<string, string> = {}): void => {
    at += 1_000_000;
    journal.append(message, { CONTAINER_NAME: NAME, CONTAINER_ID_FULL: id, PRIORITY: '6', ...fields }, at);
  };
  const streams = createPodStreams({ podman, journal, now: () => at / 1000 });
  const read = async (pod: Pod, options: LogOptions = {}): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of streams.logs(pod, options, new AbortController().signal)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  };
  return { podman, journal, streams, append, read };
}

test('the log is that of the current run, the previous one on request', async () => {
  const { append, read, journal } = setUp();
  journal.append('another pod of this name', { CONTAINER_NAME: NAME, CONTAINER_ID_FULL: 'zero' }, START - 1);
  append('old', 'one');
  append('new', 'two');
  expect([await read(RUNNING), await read(RUNNING, { previous: true })]).toEqual(['new\n', 'old\n']);
});

test('a run that is known is shown, though the clock was set back since its pod was made', async () => {
  const { read, journal } = setUp();
  journal.append('now', { CONTAINER_NAME: NAME, CONTAINER_ID_FULL: 'two', PRIORITY: '6' }, START - 86_400e6);
  expect(await read(RUNNING)).toBe('now\n');
});

test('tail, since, timestamps and limit select and shape lines', async () => {
  const { append, read } = setUp();
  for (const line of ['a', 'b', 'c']) append(line, 'two');
  expect(await read(RUNNING, { tailLines: 2 })).toBe('b\nc\n');
  expect(await read(RUNNING, { tailLines: 0 })).toBe('');
  expect(await read(RUNNING, { sinceSeconds: 1 })).toBe('b\nc\n');
  expect(await read(RUNNING, { sinceTime: '2026-01-01T00:00:03Z' })).toBe('c\n');
  expect(await read(RUNNING, { timestamps: true, tailLines: 1 })).toBe('2026-01-01T00:00:03.000000000Z c\n');
  expect(await read(RUNNING, { limitBytes: 3 })).toBe('a\nb');
});

test('lines that the log driver cut are whole again, streams kept apart', async () => {
  const { append, read } = setUp();
  const piece = { CONTAINER_PARTIAL_MESSAGE: 'true' };
  append('before', 'two');
  append('lo', 'two', piece);
  append('error', 'two', { PRIORITY: '3' });
  append('ng', 'two', piece);
  append('!', 'two');
  expect(await read(RUNNING)).toBe('before\nerror\nlong!\n');
  append('very ', 'two', piece);
  append('long', 'two');
  expect(await read(RUNNING, { tailLines: 1 })).toBe('very long\n');
  expect(await read(RUNNING, { tailLines: 2 })).toBe('error\nlong!\nvery long\n');
});

test('following ends with the container', async () => {
  const { append, streams, podman } = setUp();
  append('first', 'two');
  const seen: string[] = [];
  for await (const chunk of streams.logs(RUNNING, { follow: true }, new AbortController().signal)) {
    seen.push(Buffer.from(chunk).toString('utf8'));
    if (seen.length === 1) append('second', 'two');
    else podman.setContainer({ name: NAME, state: 'exited' });
  }
  expect(seen).toEqual(['first\n', 'second\n']);
});

test('what has no log is refused in the words of the kubelet', () => {
  const { streams } = setUp();
  const refusal = (pod: Pod, options: LogOptions = {}): string => {
    try {
      streams.logs(pod, options, new AbortController().signal);
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const waiting = (reason: string) => podWith({ state: { waiting: { reason } }, lastState: {} });
  const two = podWith({}, { containers: [{ name: 'a' }, { name: 'b' }], initContainers: [{ name: 'i' }] } as never);
  expect([
    refusal(waiting('ContainerCreating')),
    refusal(waiting('ImagePullBackOff')),
    refusal(podWith(undefined)),
    refusal(podWith({ state: { running: {} }, lastState: {} }), { previous: true }),
    refusal(RUNNING, { container: 'x' }),
    refusal(two),
  ]).toEqual([
    'container "main" in pod "web" is waiting to start: ContainerCreating',
    'container "main" in pod "web" is waiting to start: trying and failing to pull image',
    'container "main" in pod "web" is not available',
    'previous terminated container "main" in pod "web" not found',
    'container x is not valid for pod web',
    'a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]',
  ]);
});

test('exec is refused in completed pods and where there is no container', async () => {
  const { streams, podman } = setUp();
  const request = { command: ['x'], stdin: false, stdout: true, stderr: true, tty: false };
  const done = { ...RUNNING, status: { phase: 'Succeeded' } } as Pod;
  await expect(streams.exec(done, request)).rejects.toThrow(
    'cannot exec into a container in a completed pod; current phase is Succeeded',
  );
  podman.removeContainer(NAME);
  await expect(streams.exec(RUNNING, request)).rejects.toThrow('container not found ("main")');
});
