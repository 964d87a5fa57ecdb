import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostAddresses } from './addresses.ts';
import { prettyName, readHostFacts } from './facts.ts';
import { readHostPressure } from './pressure.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'qs-facts-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

const ip = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false): NetworkInterfaceInfo =>
  ({ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as NetworkInterfaceInfo;

const ROUTES = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
  'eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  'podman0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
].join('\n');

describe('hostAddresses', () => {
  it('puts the default route first and leaves out what nobody reaches', () => {
    const interfaces = {
      lo: [ip('127.0.0.1', 'IPv4', true)],
      wlan0: [ip('192.168.2.7')],
      podman0: [ip('10.88.0.1')],
      eth0: [ip('fe80::1', 'IPv6'), ip('2001:db8::5', 'IPv6'), ip('192.168.0.5')],
    };
    expect(hostAddresses(interfaces, ROUTES).map((one) => one.address)).toEqual([
      '192.168.0.5',
      '2001:db8::5',
      '192.168.2.7',
    ]);
  });

  it('does without a default route and without a network', () => {
    expect(hostAddresses({ host0: [ip('10.0.0.2')], podman0: [ip('10.88.0.1')] }, '')).toMatchObject([
      { address: '10.0.0.2' },
    ]);
    expect(hostAddresses({ lo: [ip('127.0.0.1', 'IPv4', true)] }, '')).toEqual([]);
  });
});

describe('readHostFacts', () => {
  it('reads a host', async () => {
    await put('etc/machine-id', '7335ae3e40a2421283a223ab83c0f8ba\n');
    await put('proc/sys/kernel/random/boot_id', 'abe8e044-3a90-4c02-b8aa-edc70a3d5cd9\n');
    await put('etc/os-release', 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n');
    await put('proc/meminfo', 'MemTotal:       24684084 kB\nMemFree: 1 kB\nSwapTotal:  1024 kB\n');
    await put('sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n');
    await put('sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '8\n');
    await put('sys/fs/selinux/enforce', '1');
    await put('proc/net/protocols', 'protocol  size\nSCTPv6  1\nSCTP  2\nTCP  3\n');
    await put('sys/module/apparmor/parameters/enabled', 'Y\n');
    await put('proc/1/status', 'Name:\tsystemd\nCapBnd:\t000001fffeffffff\n');
    expect(await readHostFacts({ root, storagePath: root })).toMatchObject({
      machineId: '7335ae3e40a2421283a223ab83c0f8ba',
      bootId: 'abe8e044-3a90-4c02-b8aa-edc70a3d5cd9',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      memoryBytes: 24684084 * 1024,
      swapBytes: 1024 * 1024,
      storageBytes: expect.any(Number),
      cgroupControllers: ['cpu', 'memory', 'pids'],
      hugepages: [{ pageBytes: 2 * 1024 * 1024, count: 8 }],
      selinux: 'enforcing',
      canProtectFromOom: false,
      hasAppArmor: true,
      hasSctp: true,
    });
  });

  it('is content with a host that tells nothing', async () => {
    const facts = await readHostFacts({ root, storagePath: join(root, 'none') });
    expect(facts).toMatchObject({
      machineId: '',
      osImage: 'Linux',
      memoryBytes: 0,
      storageBytes: 0,
      selinux: 'disabled',
      hasAppArmor: false,
      hasSctp: false,
    });
    expect(facts).toMatchObject({ cgroupControllers: [], hugepages: [], cpus: expect.any(Number) });
  });
});

it('reads pressure', async () => {
  await put('proc/meminfo', 'MemTotal: 100 kB\nMemAvailable:  50 kB\n');
  await put('proc/loadavg', '0.05 0.10 0.09 1/345 4711\n');
  await put('proc/sys/kernel/pid_max', '4194304\n');
  await put('proc/sys/kernel/threads-max', '100000\n');
  const pressure = await readHostPressure({ nodePath: root, imagePath: join(root, 'none'), root });
  const { memory, nodeDisk, imageDisk, isOneDisk, pids } = pressure;
  expect({ memory, pids }).toMatchObject({ memory: { availableBytes: 51_200 }, pids: { used: 345, max: 100_000 } });
  expect(nodeDisk.availableBytes).toBeGreaterThan(0);
  expect({ imageDisk, isOneDisk }).toEqual({ imageDisk: nodeDisk, isOneDisk: true });
});

it('unquotes the name of the system', () => {
  expect(["PRETTY_NAME='A b'", 'PRETTY_NAME=Arch', 'ID=x'].map(prettyName)).toEqual(['A b', 'Arch', 'Linux']);
});
