import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunReader } from './run-reader.ts';

let pods = '';
beforeEach(async () => {
  pods = await mkdtemp(join(tmpdir(), 'runs-'));
});
afterEach(() => rm(pods, { recursive: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function leave(container: string, file: string, text: string): Promise<void> {
  await mkdir(join(pods, 'u1', 'containers', container), { recursive: true });
  await writeFile(join(pods, 'u1', 'containers', container, file), text);
}

describe('createRunReader', () => {
  it('reads how containers ended, what they said, and whether for good', async () => {
    const lines = ['RESULT=exit-code', 'CODE=exited', 'STATUS=3', 'INVOCATION=i1', 'STARTED=100', 'FINISHED=160'];
    const more = ['DELAY=20', 'FAILURE=', `MESSAGE=${base64('a=b\n"ü"\n')}`];
    await leave('app', 'ended', [...lines, ...more].join('\n'));
    await leave('app', 'incident', 'AT=17\nREASON=FailedPreStopHook\nMESSAGE=PreStopHook failed\n');
    await leave('killed', 'ended', 'CODE=killed\nSTATUS=TERM\n');
    await mkdir(join(pods, 'u1', 'completed'));
    await writeFile(join(pods, 'u1', 'completed', 'killed'), '');
    const runs = await createRunReader(pods).read('u1');
    expect(runs['app']).toEqual({
      end: {
        invocation: 'i1',
        result: 'exit-code',
        exitCode: 3,
        startedAt: 100_000,
        finishedAt: 160_000,
        delaySeconds: 20,
        failure: '',
        message: 'a=b\n"ü"\n',
        isFinal: false,
      },
      incident: { at: '17', reason: 'FailedPreStopHook', message: 'PreStopHook failed' },
    });
    expect(runs['killed']?.end).toMatchObject({ exitCode: 143, isFinal: true });
  });

  it('finds nothing where nothing ran', async () => {
    expect(await createRunReader(pods).read('nobody')).toEqual({});
    await leave('app', 'began', '1 2');
    expect(await createRunReader(pods).read('u1')).toEqual({ app: {} });
  });
});
