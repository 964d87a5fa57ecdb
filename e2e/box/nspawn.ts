import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseRootPath, ensureBaseRoot } from './base-root.ts';
import type { BoxDriver, EnterOptions } from './driver.ts';
import { ensureHostTools } from './host-tools.ts';
import { findProcesses, isAlive, recordLoop } from './nspawn-processes.ts';
import { removeCgroups, surroundingsOf } from './nspawn-surroundings.ts';
import { capture, must } from './process.ts';
import { PROJECT, PROJECT_IN_BOX } from './settings.ts';
import { type BoxState, boxFolder } from './state.ts';
import { eventually } from './wait.ts';

/** Boxes as systemd-nspawn machines: for root on a machine without a container engine, even without systemd. */
export const nspawnDriver: BoxDriver = {
  kind: 'nspawn',
  prepare,
  create,
  boot,
  isRunning: async (state) => processesOf(state) !== undefined,
  enter,
  waitUntilOff,
  powerCut,
  remove,
  address: async (state) => surroundingsOf(state).boxAddress,
  hostPath: async (state, path) => join(diskOf(state), path),
};

const diskOf = (state: BoxState): string => join(boxFolder(state.name), 'disk');
const loopFile = (state: BoxState): string => join(boxFolder(state.name), 'loop.pid');
const consoleLog = (state: BoxState): string => join(boxFolder(state.name), 'console.log');
const processesOf = (state: BoxState) => findProcesses(loopFile(state));

async function prepare(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('a box needs root, or a container engine (podman or docker) that this user may use: try sudo');
  }
  await ensureHostTools();
  await ensureBaseRoot();
}

async function create(state: BoxState): Promise<void> {
  const disk = diskOf(state);
  await must(['cp', '-a', '--reflink=auto', baseRootPath(), disk]);
  // Without a machine id, systemd would take the first boot for an installation and enable every service.
  writeFileSync(join(disk, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  writeFileSync(join(disk, 'etc/hostname'), `${state.name}\n`);
  writeFileSync(join(disk, 'etc/hosts'), `127.0.0.1 localhost\n${surroundingsOf(state).boxAddress} ${state.name}\n`);
}

async function boot(state: BoxState): Promise<void> {
  const log = openSync(consoleLog(state), 'a', 0o600);
  const env = { ...process.env, ...loopEnvironment(state) };
  const stdio = ['ignore' as const, log, log];
  const loop = spawn(join(import.meta.dirname, 'nspawn-boot.sh'), [], { env, stdio, detached: true, cwd: '/' });
  closeSync(log);
  loop.unref();
  if (!loop.pid) throw new Error('cannot start nspawn-boot.sh');
  recordLoop(loopFile(state), loop.pid);
  await eventually(
    () => {
      const processes = processesOf(state);
      if (!processes) return true;
      return processes.leader !== undefined;
    },
    { what: 'the first process of the box', intervalMs: 20 },
  );
  if (!processesOf(state)) throw new Error(`the box did not start:\n${lastLines(consoleLog(state))}`);
}

function loopEnvironment(state: BoxState): Record<string, string> {
  const around = surroundingsOf(state);
  return {
    NAME: state.name,
    ROOT: diskOf(state),
    PROJECT,
    PROJECT_IN_BOX,
    LINK: around.link,
    NETNS: around.namespace,
    HOST_IP: around.hostAddress,
    BOX_IP: around.boxAddress,
    PREFIX: String(around.prefix),
    CGROUP: around.cgroup ?? '',
    ROUTES: around.routes.join(' '),
  };
}

async function enter(state: BoxState, command: readonly string[], options: EnterOptions = {}): Promise<string[]> {
  const leader = processesOf(state)?.leader;
  if (!leader) throw new Error(`box ${state.name} is off: start it with \`npm run box -- --boot\``);
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const term = options.terminal ? [`TERM=${process.env['TERM'] ?? 'dumb'}`] : [];
  const environment = Object.entries(options.environment ?? {}).map(([key, value]) => `${key}=${value}`);
  // What runs in the box belongs to its control groups, not to those of whoever asked for it.
  const join = 'mkdir -p /sys/fs/cgroup/box-run && echo $$ >/sys/fs/cgroup/box-run/cgroup.procs; cd /root; exec "$@"';
  const nsenter = ['nsenter', '--target', String(leader), '-m', '-u', '-i', '-n', '-p', '-C', '--'];
  const clean = ['env', '-i', 'HOME=/root', 'LANG=C.UTF-8', path, ...term, ...environment];
  return [...nsenter, ...clean, 'sh', '-c', join, 'sh', ...command];
}

async function waitUntilOff(state: BoxState, timeoutMs: number): Promise<boolean> {
  const off = eventually(() => !processesOf(state), { timeoutMs, what: 'the box to be off' });
  return off.catch(() => false);
}

async function powerCut(state: BoxState): Promise<void> {
  const processes = processesOf(state);
  if (!processes) return;
  const { loop, nspawn, leader } = processes;
  // The loop first, or it would see an ended machine. The kernel ends every process of a namespace with its first one.
  const pids = [loop, leader, nspawn].filter((pid) => pid !== undefined);
  for (const pid of pids) kill(pid);
  await eventually(() => !pids.some(isAlive), { what: 'the processes of the box to end', intervalMs: 10 });
}

async function remove(state: BoxState): Promise<void> {
  const { link, namespace } = surroundingsOf(state);
  // The lock that systemd-nspawn leaves behind when it is killed.
  const disk = statSync(diskOf(state), { throwIfNoEntry: false });
  if (disk) rmSync(`/run/systemd/nspawn/locks/inode-${disk.dev}:${disk.ino}`, { force: true });
  await capture(['ip', 'link', 'delete', link]);
  await capture(['ip', 'netns', 'delete', namespace]);
  for (const folder of ['propagate', 'unix-export']) {
    rmSync(`/run/systemd/nspawn/${folder}/${state.name}`, { recursive: true, force: true });
  }
  await eventually(
    () => {
      removeCgroups(state.name);
      return true;
    },
    { what: 'the control groups of the box to be empty' },
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n') : '';
}
