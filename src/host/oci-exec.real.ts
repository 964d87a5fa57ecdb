import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOciRuntimes } from './oci-exec.ts';

const run = promisify(execFile);
const IMAGE = 'localhost:5000/busybox:latest';
const runtimes = createOciRuntimes();
let id = '';
let runtime = '';

const exec = (command: readonly string[], ms = 30_000) =>
  runtimes.exec({ runtime, id, command, maxOutput: 1_000 }, AbortSignal.timeout(ms));

beforeAll(async () => {
  await run('podman', ['run', '--detach', '--name=oci-exec', '--cap-drop=all', IMAGE, 'sleep', '1000']);
  const { stdout } = await run('podman', ['inspect', '--format={{.Id}} {{.OCIRuntime}}', 'oci-exec']);
  [id = '', runtime = ''] = stdout.trim().split(' ');
}, 60_000);

afterAll(() => run('podman', ['rm', '--force', '--time=0', 'oci-exec']), 60_000);

describe('a command in a container, through its runtime', () => {
  it('is confined as the container is, and reports its status and output', async () => {
    const { status, output } = await exec(['sh', '-c', 'grep CapEff /proc/self/status; echo bad >&2; exit 3']);
    expect(status).toBe(3);
    expect(output).toMatch(/^CapEff:\s*0{16}$/m);
    expect(output).toContain('bad');
  });

  it('that is not there is the runtime that complains, not the command', async () => {
    await expect(exec(['nosuch'])).rejects.toThrow(`${runtime}: `);
    await expect(
      runtimes.exec({ runtime, id: 'nobody', command: ['true'], maxOutput: 10 }, AbortSignal.timeout(30_000)),
    ).rejects.toThrow(`${runtime}: `);
  });

  it('is killed when its time is up', async () => {
    await expect(exec(['sh', '-c', 'sleep 77; true'], 500)).rejects.toThrow(/timeout/i);
    const left = async () => (await exec(['ps'])).output;
    await expect.poll(left, { timeout: 30_000 }).not.toContain('sleep 77; true');
  });
});
