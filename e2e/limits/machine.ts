import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fnv1a64 } from '../../src/machinery/fnv.ts';
import { baseRootPath, ensureBaseRoot } from '../box/base-root.ts';
import { ensureEmulator } from '../box/host-tools.ts';
import { capture, must } from '../box/process.ts';
import { step } from '../box/progress.ts';
import { PROJECT } from '../box/settings.ts';

/** Files of an emulated machine. */
export interface Machine {
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
}

const GUEST = '/usr/local/lib/quadshift-prove';
/** What the machine has of the project: enough to install it. */
const INSTALLED = ['dist', 'packaging', 'systemd', 'node_modules/node/bin'];
const DISK_SIZE = '3G';

const UNIT = `[Unit]
Description=Prove what only a machine of its own can show
After=multi-user.target podman.socket docker-registry.service

[Service]
Type=oneshot
ExecStart=/bin/sh ${GUEST}/guest.sh
StandardOutput=tty
StandardError=journal
TTYPath=/dev/ttyS0
TimeoutStartSec=infinity
`;

/** What takes a second elsewhere takes minutes here. */
const PATIENCE = '[Service]\nTimeoutStartSec=infinity\nWatchdogSec=0\n';

/**
 * Makes the machine's disk in `folder`: the root of boxes with a kernel, and the project as it is. What the machine does
 * is `guest.sh` of the guest's folder; what lies beside it there is beside it in the machine.
 */
export async function makeMachine(folder: string, guest: string): Promise<Machine> {
  await ensureEmulator();
  await ensureBaseRoot();
  const boot = await ensureKernelRoot();
  const root = join(folder, 'root');
  step('making the disk of the emulated machine');
  await must(['cp', '-a', boot, root]);
  for (const path of INSTALLED) {
    const target = join(root, 'usr/src/quadshift', path);
    mkdirSync(join(target, '..'), { recursive: true });
    cpSync(join(PROJECT, path), target, { recursive: true, dereference: true });
  }
  cpSync(guest, join(root, GUEST), { recursive: true });
  writeFileSync(join(root, 'etc/systemd/system/quadshift-prove.service'), UNIT);
  const dropIns = join(root, 'etc/systemd/system/quadshift.service.d');
  mkdirSync(dropIns, { recursive: true });
  writeFileSync(join(dropIns, 'patience.conf'), PATIENCE);
  await must(['ln', '-s', '../quadshift-prove.service', join(root, 'etc/systemd/system/multi-user.target.wants/')]);
  const disk = join(folder, 'disk.img');
  await must(['mke2fs', '-q', '-t', 'ext4', '-d', root, disk, DISK_SIZE]);
  rmSync(root, { recursive: true });
  return { kernel: join(boot, 'vmlinuz'), initrd: join(boot, 'initrd.img'), disk };
}

/** A kernel that has every controller and file system, and a server for the latter. */
const PACKAGES: readonly string[] = ['linux-image-cloud-amd64', 'initramfs-tools', 'kmod', 'udev', 'nfs-kernel-server'];

/** The root of boxes with these packages, kept beside it. */
async function ensureKernelRoot(): Promise<string> {
  const target = `${baseRootPath()}-kernel-${fnv1a64(PACKAGES.join())}`;
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  step("adding Debian's kernel to the root");
  try {
    await must(['cp', '-a', baseRootPath(), draft]);
    cpSync('/etc/resolv.conf', join(draft, 'etc/resolv.conf'), { dereference: true });
    const install = `export DEBIAN_FRONTEND=noninteractive; mount -t proc proc /proc && apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')}`;
    await must([
      'unshare',
      '--mount',
      'chroot',
      draft,
      'env',
      '-i',
      'HOME=/root',
      `PATH=${SYSTEM_PATH}`,
      'sh',
      '-c',
      install,
    ]);
    renameSync(draft, target);
    return target;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Other models crash under emulation; with cmpxchg16b, which qemu 7.2 gets wrong, the kernel does. */
const CPU = 'qemu64,-cx16,+ssse3,+sse4.1,+sse4.2,+popcnt';

/**
 * Emulates the machine until it powers off or the deadline passes; resolves to what it wrote to its console.
 * There is no acceleration.
 */
export async function runMachine({ kernel, initrd, disk }: Machine, deadlineMs: number): Promise<string> {
  const line = 'root=/dev/vda rw console=ttyS0 quiet panic=-1 systemd.show_status=no';
  const argv = [
    ...['qemu-system-x86_64', '-accel', 'tcg', '-cpu', CPU, '-smp', '1'],
    ...['-m', '2048', '-nographic', '-no-reboot', '-nic', 'none', '-kernel', kernel, '-initrd', initrd],
    ...['-append', line, '-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
  ];
  const written = join(disk, '..', 'console.log');
  await capture([
    'sh',
    '-c',
    '"$@" >"$0" </dev/null',
    written,
    'timeout',
    String(Math.ceil(deadlineMs / 1000)),
    ...argv,
  ]);
  return readFileSync(written, 'utf8');
}
