import { existsSync } from 'node:fs';
import { hasCommand, must } from './process.ts';
import { step } from './progress.ts';

/** A command that the driver runs on this machine, and the package that brings it. */
interface Tool {
  readonly command: string;
  readonly apt: string;
  readonly dnf: string;
}

const TOOLS: readonly Tool[] = [
  { command: 'systemd-nspawn', apt: 'systemd-container', dnf: 'systemd-container' },
  { command: 'mmdebstrap', apt: 'mmdebstrap', dnf: 'mmdebstrap' },
  { command: 'ip', apt: 'iproute2', dnf: 'iproute' },
  { command: 'nsenter', apt: 'util-linux', dnf: 'util-linux' },
];

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Installs with the machine's own package manager what the nspawn driver needs and the machine lacks. */
export async function ensureHostTools(): Promise<void> {
  await ensureTools(TOOLS);
}

/** Installs what an emulated machine needs and this one lacks. */
export async function ensureEmulator(): Promise<void> {
  await ensureTools([
    ...TOOLS,
    { command: 'qemu-system-x86_64', apt: 'qemu-system-x86', dnf: 'qemu-system-x86-core' },
    { command: 'mke2fs', apt: 'e2fsprogs', dnf: 'e2fsprogs' },
  ]);
}

async function ensureTools(tools: readonly Tool[]): Promise<void> {
  const missing = await missingTools(tools);
  if (await hasCommand('apt-get')) {
    const packages = missing.map((tool) => tool.apt);
    if (!existsSync(KEYRING)) packages.push('debian-archive-keyring');
    if (packages.length > 0) await aptInstall(packages);
    return;
  }
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.dnf);
  if (!(await hasCommand('dnf'))) {
    throw new Error(`neither apt-get nor dnf is here: install ${names.join(', ')} by hand`);
  }
  step(`installing ${names.join(', ')}`);
  await must(['dnf', 'install', '-y', ...names, 'debian-keyring']);
}

async function missingTools(tools: readonly Tool[]): Promise<readonly Tool[]> {
  const present = await Promise.all(tools.map((tool) => hasCommand(tool.command)));
  return tools.filter((_, position) => !present[position]);
}

async function aptInstall(packages: readonly string[]): Promise<void> {
  step(`installing ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // The package lists of a fresh machine are empty or old.
  await must(['apt-get', 'update'], { env });
  await must(['apt-get', 'install', '-y', '--no-install-recommends', ...packages], { env });
}
