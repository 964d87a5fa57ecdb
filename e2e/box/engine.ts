import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BoxDriver, EnterOptions } from './driver.ts';
import { capture, must, passThrough } from './process.ts';
import { step } from './progress.ts';
import { DEFAULT_BOX, PROJECT, PROJECT_IN_BOX } from './settings.ts';
import { type BoxState, boxFolder } from './state.ts';
import { eventually } from './wait.ts';

const IMAGE = 'localhost/quadshift-box:latest';

/** Boxes as privileged containers of Podman or Docker. */
export function engineDriver(engine: 'podman' | 'docker'): BoxDriver {
  const running = async (state: BoxState) => (await inspect(engine, state, '{{.State.Running}}')) === 'true';
  return {
    kind: engine,
    prepare: () => prepare(engine),
    create: (state) => create(engine, state),
    boot: async (state) => void (await must([engine, 'start', containerOf(state)])),
    isRunning: running,
    enter: async (state, command, options) => enter(engine, state, command, options),
    waitUntilOff: (state, timeoutMs) =>
      eventually(async () => !(await running(state)), { timeoutMs, what: 'the box to be off' }).catch(() => false),
    powerCut: async (state) => void (await capture([engine, 'kill', '--signal=KILL', containerOf(state)])),
    remove: (state) => remove(engine, state),
    address: (state) => inspect(engine, state, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'),
    hostPath: (state, path) => copyOut(engine, state, path),
  };
}

/** Whether this engine answers, and gives containers addresses that this machine can reach. */
export async function engineWorks(engine: 'podman' | 'docker'): Promise<boolean> {
  const format = engine === 'podman' ? '{{.Host.Security.Rootless}}' : '{{json .SecurityOptions}}';
  const info = await capture([engine, 'info', '--format', format], { timeout: 10_000 }).catch(() => undefined);
  return info?.code === 0 && !/true|rootless/.test(info.stdout);
}

const containerOf = (state: BoxState): string => `quadshift-box-${state.name}`;
const volumeOf = (state: BoxState): string => `quadshift-box-${state.name}-containers`;

async function prepare(engine: string): Promise<void> {
  step(`building the box's image with ${engine}`);
  const status = await passThrough([engine, 'build', '-t', IMAGE, import.meta.dirname], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${engine} build failed; its messages are above`);
}

async function create(engine: string, state: BoxState): Promise<void> {
  const systemd =
    engine === 'podman' ? ['--systemd=always'] : ['--tmpfs=/run', '--tmpfs=/tmp', '--env=container=docker'];
  await must([
    ...[engine, 'create', '--privileged', '--cgroupns=private', ...systemd],
    ...['--name', containerOf(state), '--hostname', state.name],
    // Podman in the box can't stack overlays on the container's own one.
    ...['--volume', `${volumeOf(state)}:/var/lib/containers`],
    ...['--volume', `${PROJECT}:${PROJECT_IN_BOX}:ro`, IMAGE],
  ]);
  if (state.name !== DEFAULT_BOX) return;
  step('pod and Service addresses are reached inside the box only: engines own their routes');
}

function enter(engine: string, state: BoxState, command: readonly string[], options: EnterOptions = {}): string[] {
  const environment = Object.entries(options.environment ?? {}).map(([key, value]) => `--env=${key}=${value}`);
  const terminal = options.terminal ? ['--tty'] : [];
  return [
    engine,
    'exec',
    '--interactive',
    '--workdir=/root',
    ...terminal,
    ...environment,
    containerOf(state),
    ...command,
  ];
}

async function remove(engine: string, state: BoxState): Promise<void> {
  await must([engine, 'rm', '--force', containerOf(state)]);
  await capture([engine, 'volume', 'rm', '--force', volumeOf(state)]);
}

async function inspect(engine: string, state: BoxState, format: string): Promise<string> {
  const { stdout } = await capture([engine, 'inspect', '--format', format, containerOf(state)]);
  return stdout.trim();
}

async function copyOut(engine: string, state: BoxState, path: string): Promise<string> {
  const folder = join(boxFolder(state.name), 'copied');
  mkdirSync(folder, { recursive: true });
  const target = join(folder, basename(path));
  const file = (await must([engine, 'exec', containerOf(state), 'readlink', '-f', path])).trim();
  await must([engine, 'cp', `${containerOf(state)}:${file}`, target]);
  return target;
}
