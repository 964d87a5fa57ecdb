import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the processes of a control group have used. */
export interface GroupUsage {
  /** The group that was read, relative to the root of cgroup v2; a container that starts again has another one. */
  readonly group: string;
  /** Since the group was made. */
  readonly cpuNanoseconds: number;
  /** What can't be taken back without swapping: memory in use without inactive pages of files. */
  readonly workingSetBytes: number;
  readonly usageBytes: number;
  readonly rssBytes: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  readonly swapBytes: number;
  readonly processes: readonly number[];
}

/** What the whole machine has used. */
export interface MachineUsage extends Omit<GroupUsage, 'group' | 'processes' | 'swapBytes'> {
  readonly availableBytes: number;
}

/** Bytes through one network interface. */
export interface InterfaceUsage {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

/** Reads what is used, from cgroup v2 and /proc. Nothing is kept. */
export interface UsageReader {
  /** The container in a unit's group, without what watches it; undefined when no such group is there. */
  readContainer(unitGroup: string): Promise<GroupUsage | undefined>;
  readMachine(): Promise<MachineUsage>;
  /** The interfaces that a process sees, without the loopback. */
  readInterfaces(pid: number | 'self'): Promise<readonly InterfaceUsage[]>;
}

/** Where the container's own processes are in a unit with `--cgroups=split`. */
const PAYLOAD = /^libpod-payload-/;

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** The host's own unless another root is given, a folder that has `proc` and `sys`. */
export function createUsageReader({ root = '/' }: { readonly root?: string } = {}): UsageReader {
  const cgroups = join(root, 'sys/fs/cgroup');
  return {
    readContainer: async (unitGroup) => {
      const names = await readdir(join(cgroups, unitGroup)).catch(() => undefined);
      if (names === undefined) return undefined;
      const payload = names.find((name) => PAYLOAD.test(name));
      return readGroup(payload === undefined ? unitGroup : join(unitGroup, payload), { cgroups, root });
    },
    readMachine: () => readMachine(cgroups, root),
    readInterfaces: async (pid) => parseInterfaces(await readText(join(root, `proc/${pid}/net/dev`))),
  };
}

async function readGroup(group: string, { cgroups, root }: { readonly cgroups: string; readonly root: string }) {
  const folder = join(cgroups, group);
  const cpu = parsePairs(await readText(join(folder, 'cpu.stat')));
  const processes = await processesOf(folder);
  const memory = (await groupMemory(folder)) ?? (await processMemory(processes, root));
  return { group, cpuNanoseconds: (cpu.get('usage_usec') ?? 0) * 1000, processes, ...memory };
}

type Memory = Omit<GroupUsage, 'group' | 'cpuNanoseconds' | 'processes'>;

/** As the memory controller counts; undefined where the host has none. */
async function groupMemory(folder: string): Promise<Memory | undefined> {
  const current = await readText(join(folder, 'memory.current'));
  if (current === '') return undefined;
  const usageBytes = Number(current);
  const stat = parsePairs(await readText(join(folder, 'memory.stat')));
  return {
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - (stat.get('inactive_file') ?? 0)),
    rssBytes: stat.get('anon') ?? 0,
    pageFaults: stat.get('pgfault') ?? 0,
    majorPageFaults: stat.get('pgmajfault') ?? 0,
    swapBytes: Number((await readText(join(folder, 'memory.swap.current'))) || 0),
  };
}

/** Without the controller: what each process has for itself, and shared memory. Pages of files count for nobody. */
async function processMemory(processes: readonly number[], root: string): Promise<Memory> {
  const each = await Promise.all(processes.map((pid) => readText(join(root, `proc/${pid}/status`))));
  const sum = (key: string): number => {
    const line = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm');
    return each.reduce((total, status) => total + Number(line.exec(status)?.[1] ?? 0) * 1024, 0);
  };
  const rssBytes = sum('RssAnon');
  const workingSetBytes = rssBytes + sum('RssShmem');
  const swapBytes = sum('VmSwap');
  return { usageBytes: workingSetBytes, workingSetBytes, rssBytes, pageFaults: 0, majorPageFaults: 0, swapBytes };
}

/** Of the group and of all below it: a container may have made groups of its own. */
async function processesOf(folder: string): Promise<readonly number[]> {
  const own = (await readText(join(folder, 'cgroup.procs'))).split('\n').filter((line) => line !== '');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => processesOf(join(folder, name)));
  return [...own.map(Number), ...(await Promise.all(below)).flat()];
}

async function readMachine(cgroups: string, root: string): Promise<MachineUsage> {
  const cpu = parsePairs(await readText(join(cgroups, 'cpu.stat')));
  const info = await readText(join(root, 'proc/meminfo'));
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(info)?.[1] ?? 0) * 1024;
  const faults = parsePairs(await readText(join(root, 'proc/vmstat')));
  const [total, available] = [bytes('MemTotal'), bytes('MemAvailable')];
  return {
    cpuNanoseconds: (cpu.get('usage_usec') ?? 0) * 1000,
    availableBytes: available,
    workingSetBytes: Math.max(0, total - available),
    usageBytes: Math.max(0, total - bytes('MemFree')),
    rssBytes: bytes('AnonPages'),
    pageFaults: faults.get('pgfault') ?? 0,
    majorPageFaults: faults.get('pgmajfault') ?? 0,
  };
}

/** `key value` per line, as the kernel writes flat-keyed files. */
function parsePairs(text: string): ReadonlyMap<string, number> {
  const pairs = text.split('\n').map((line) => line.split(' '));
  return new Map(pairs.map(([key = '', value = '']) => [key, Number(value)]));
}

/** proc(5), /proc/net/dev: received bytes, packets, errors …, then the same of what was sent. */
function parseInterfaces(text: string): readonly InterfaceUsage[] {
  const rows = text
    .split('\n')
    .slice(2)
    .filter((line) => line.includes(':'));
  return rows.flatMap((row) => {
    const [name = '', counters = ''] = row.split(':', 2).map((part) => part.trim());
    const [rxBytes = 0, , rxErrors = 0, , , , , , txBytes = 0, , txErrors = 0] = counters.split(/\s+/).map(Number);
    return name === 'lo' ? [] : [{ name, rxBytes, rxErrors, txBytes, txErrors }];
  });
}
