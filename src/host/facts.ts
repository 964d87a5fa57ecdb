import { readdir, readFile } from 'node:fs/promises';
import { arch, availableParallelism, hostname, networkInterfaces, release } from 'node:os';
import { join } from 'node:path';
import { type HostAddress, hostAddresses } from './addresses.ts';
import { readDiskSpace, readMemory } from './pressure.ts';

/** What the host is. Changes with a reboot, an upgrade, or a change of its name, addresses or disks. */
export interface HostFacts {
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** The filesystem that holds container storage. */
  readonly storageBytes: number;
  readonly hugepages: readonly { readonly pageBytes: number; readonly count: number }[];
  /** 32 hex digits, as /etc/machine-id has them. */
  readonly machineId: string;
  /** UUID with dashes. */
  readonly bootId: string;
  readonly kernelRelease: string;
  /** PRETTY_NAME of os-release(5). */
  readonly osImage: string;
  /** As Go and OCI spell it: `amd64`, `arm64`, … */
  readonly architecture: string;
  /** The address of the default route's interface first. */
  readonly addresses: readonly HostAddress[];
  /** Controllers that systemd can delegate to units: `cpu`, `memory`, `pids`, …; empty where cgroup v2 has none. */
  readonly cgroupControllers: readonly string[];
  /** Whether processes may be spared when memory runs out, and limits be raised (CAP_SYS_RESOURCE). */
  readonly canProtectFromOom: boolean;
  /** Whether the kernel enforces AppArmor profiles. */
  readonly hasAppArmor: boolean;
  /** Whether the kernel has SCTP, or could load it. */
  readonly hasSctp: boolean;
  readonly selinux: 'enforcing' | 'permissive' | 'disabled';
}

/** Where to look; the defaults are the host's own. */
export interface HostFactsOptions {
  /** Folder that has `proc`, `sys` and `etc`. */
  readonly root?: string;
  readonly storagePath?: string;
}

/** Reads it all; what can't be read is empty or 0. */
export async function readHostFacts(options: HostFactsOptions = {}): Promise<HostFacts> {
  const root = options.root ?? '/';
  const text = async (path: string): Promise<string> => (await readText(join(root, path))).trim();
  const [memory, storage] = await Promise.all([readMemory(root), readDiskSpace(options.storagePath ?? '/var/lib')]);
  return {
    hostname: hostname(),
    cpus: availableParallelism(),
    memoryBytes: memory.totalBytes,
    swapBytes: memory.swapTotalBytes,
    storageBytes: storage.totalBytes,
    hugepages: await readHugepages(root),
    machineId: await text('etc/machine-id'),
    bootId: await text('proc/sys/kernel/random/boot_id'),
    kernelRelease: release(),
    osImage: prettyName((await text('etc/os-release')) || (await text('usr/lib/os-release'))),
    architecture: goArchitecture(arch()),
    addresses: hostAddresses(networkInterfaces(), await text('proc/net/route')),
    cgroupControllers: (await text('sys/fs/cgroup/cgroup.controllers')).split(' ').filter((name) => name !== ''),
    canProtectFromOom: hasSysResource(await text('proc/1/status')),
    hasAppArmor: (await text('sys/module/apparmor/parameters/enabled')).startsWith('Y'),
    hasSctp: await hasSctp(text, release()),
    selinux: selinuxMode(await text('sys/fs/selinux/enforce')),
  };
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** PRETTY_NAME, unquoted; `Linux` when the file doesn't say. */
export function prettyName(osRelease: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1] ?? '';
  return value.replace(/^(["'])(.*)\1$/, '$2') || 'Linux';
}

function goArchitecture(name: string): string {
  const names: { readonly [node: string]: string } = {
    x64: 'amd64',
    ia32: '386',
    ppc64: 'ppc64le',
    loong64: 'loong64',
  };
  return names[name] ?? name;
}

const CAP_SYS_RESOURCE = 24n;

/** What the first process may have at all (capabilities(7)); a host that doesn't say so is an ordinary one. */
function hasSysResource(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding === undefined || ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

/** In the kernel now, or a module that it loads when somebody asks for it (modules.dep(5)). */
async function hasSctp(text: (path: string) => Promise<string>, kernel: string): Promise<boolean> {
  if (/^SCTP\b/m.test(await text('proc/net/protocols'))) return true;
  const modules = await Promise.all(['lib', 'usr/lib'].map((lib) => text(`${lib}/modules/${kernel}/modules.dep`)));
  return modules.some((list) => /\/sctp\.ko(\.\w+)?:/.test(list));
}

function selinuxMode(enforce: string): HostFacts['selinux'] {
  if (enforce === '1') return 'enforcing';
  return enforce === '0' ? 'permissive' : 'disabled';
}

async function readHugepages(root: string): Promise<HostFacts['hugepages']> {
  const folder = join(root, 'sys/kernel/mm/hugepages');
  const names = await readdir(folder).catch(() => []);
  const pages = names.sort().map(async (name) => ({
    pageBytes: Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0) * 1_024,
    count: Number(await readText(join(folder, name, 'nr_hugepages'))),
  }));
  return (await Promise.all(pages)).filter((page) => page.pageBytes > 0);
}
