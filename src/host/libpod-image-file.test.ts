import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { firstFile } from './libpod-image-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'quadshift-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const archive = (...args: readonly string[]): Buffer => execFileSync('tar', ['-C', folder, '-cf', '-', ...args]);

test('the first file of an archive is read, whatever stands before it', () => {
  writeFileSync(join(folder, 'passwd'), 'root:x:0:0:Grüße\n');
  symlinkSync('passwd', join(folder, 'link'));
  expect(firstFile(archive('passwd'))).toBe('root:x:0:0:Grüße\n');
  expect(firstFile(archive('--format=posix', 'link', 'passwd'))).toBe('root:x:0:0:Grüße\n');
});

test('an archive without a file has no text', () => {
  expect(firstFile(archive('link'))).toBe('');
  expect(firstFile(Buffer.alloc(0))).toBe('');
  expect(firstFile(Buffer.alloc(1024))).toBe('');
});
