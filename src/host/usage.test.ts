import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUsageReader } from './usage.ts';

let root = '';
const UNIT = 'sys/fs/cgroup/qs.slice/qs-a_web_app.service';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quadshift-usage-'));
});

afterEach(() => rm(root, { recursive: true }));

async function write(files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

const status = (anon: number, shared: number): string =>
  `Name:\tx\nVmSwap:\t       1 kB\nRssAnon:\t     ${anon} kB\nRssFile:\t    9999 kB\nRssShmem:\t       ${shared} kB\n`;

test('a container is what its payload group uses, not what watches it', async () => {
  await write({
    [`${UNIT}/cpu.stat`]: 'usage_usec 999\n',
    [`${UNIT}/runtime/cgroup.procs`]: '1\n',
    [`${UNIT}/libpod-payload-abc/cpu.stat`]: 'usage_usec 1500\nuser_usec 1000\n',
    [`${UNIT}/libpod-payload-abc/cgroup.procs`]: '7\n',
    [`${UNIT}/libpod-payload-abc/inner/cgroup.procs`]: '8\n9\n',
    [`${UNIT}/libpod-payload-abc/memory.current`]: '5000\n',
    [`${UNIT}/libpod-payload-abc/memory.stat`]: 'anon 3000\ninactive_file 1000\npgfault 5\npgmajfault 2\n',
  });
  expect(await createUsageReader({ root }).readContainer('qs.slice/qs-a_web_app.service')).toEqual({
    group: 'qs.slice/qs-a_web_app.service/libpod-payload-abc',
    cpuNanoseconds: 1_500_000,
    usageBytes: 5000,
    workingSetBytes: 4000,
    rssBytes: 3000,
    pageFaults: 5,
    majorPageFaults: 2,
    swapBytes: 0,
    processes: [7, 8, 9],
  });
});

test('without the memory controller the memory of the processes is added up', async () => {
  await write({
    [`${UNIT}/cpu.stat`]: 'usage_usec 1\n',
    [`${UNIT}/cgroup.procs`]: '7\n8\n',
    'proc/7/status': status(10, 1),
    'proc/8/status': status(20, 0),
  });
  expect(await createUsageReader({ root }).readContainer('qs.slice/qs-a_web_app.service')).toMatchObject({
    workingSetBytes: 31 * 1024,
    rssBytes: 30 * 1024,
    swapBytes: 2 * 1024,
  });
});

test('a unit that has no group uses nothing that could be told', async () => {
  expect(await createUsageReader({ root }).readContainer('qs.slice/gone.service')).toBeUndefined();
});

test('the machine is the root of all groups, and its memory what is not available', async () => {
  await write({
    'sys/fs/cgroup/cpu.stat': 'usage_usec 42\n',
    'proc/meminfo': 'MemTotal:  100 kB\nMemFree:   20 kB\nMemAvailable:  60 kB\nAnonPages:  30 kB\n',
    'proc/vmstat': 'pgfault 12\npgmajfault 3\n',
  });
  expect(await createUsageReader({ root }).readMachine()).toEqual({
    cpuNanoseconds: 42_000,
    availableBytes: 60 * 1024,
    workingSetBytes: 40 * 1024,
    usageBytes: 80 * 1024,
    rssBytes: 30 * 1024,
    pageFaults: 12,
    majorPageFaults: 3,
  });
});

test('interfaces are told with what went through them', async () => {
  const head = 'Inter-|   Receive  |  Transmit\n face |bytes packets errs\n';
  await write({
    'proc/7/net/dev': `${head}    lo: 1 1 0 0 0 0 0 0 1 1 0\n  eth0: 10 2 3 0 0 0 0 0 20 4 5 0 0 0 0 0\n`,
  });
  expect(await createUsageReader({ root }).readInterfaces(7)).toEqual([
    { name: 'eth0', rxBytes: 10, rxErrors: 3, txBytes: 20, txErrors: 5 },
  ]);
});
