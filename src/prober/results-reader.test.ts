import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createResultsFiles } from './results-files.ts';
import { createProbeResultsReader } from './results-reader.ts';

async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'qs-results-'));
  const watching = new AbortController();
  onTestFinished(async () => {
    watching.abort();
    await rm(folder, { recursive: true });
  });
  const files = createResultsFiles(folder);
  const results = (one: boolean, other: boolean) => {
    const of = (ready: boolean) => ({ run: 'r', started: true, ready, lastMessage: '', incidents: [] });
    return { uid: 'u1', containers: { one: of(one), other: of(other) } };
  };
  const heard: (boolean | undefined)[] = [];
  const begin = () =>
    createProbeResultsReader(folder).watch((_, { hasTurned }) => heard.push(hasTurned), { signal: watching.signal });
  /** What is heard of it once it has come through: as often as folders are told of. */
  const write = async (one: boolean, other: boolean): Promise<boolean> => {
    heard.length = 0;
    await files.write(results(one, other));
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    return heard.includes(true);
  };
  return { files, results, begin, write };
}

it('tells when all that is probed of a pod is ready, and when it no longer is', async () => {
  const { files, results, begin, write } = await setUp();
  await files.write(results(false, false));
  begin();
  // The folder is watched from some moment on.
  await expect.poll(() => write(false, false)).toBe(false);
  expect(await write(true, false)).toBe(false);
  expect(await write(true, true)).toBe(true);
  expect(await write(true, true)).toBe(false);
  expect(await write(false, true)).toBe(true);
  expect(await write(false, false)).toBe(false);
});
