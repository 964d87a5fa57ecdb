import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFirstStarts, marksOf } from './first-starts.ts';

let root: string;
const runs = (name: string) => join(root, 'pods/u1/containers', name);
const starts = () => createFirstStarts({ pods: join(root, 'pods'), marks: join(root, 'begun') });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'first-starts-'));
  for (const name of ['app', 'old']) mkdirSync(runs(name), { recursive: true });
  writeFileSync(join(runs('old'), 'began'), '17 - 0\n');
});

afterEach(() => rmSync(root, { recursive: true }));

it('lays out the start of a container that has never started, and of no other', () => {
  starts().layOut('u1', ['app', 'old', 'unheard-of']);
  expect(readdirSync(join(root, 'begun'))).toEqual(['u1:app']);
  expect(readFileSync(join(runs('app'), 'began'), 'utf8')).toBe('first - 0\n');
  expect(statSync(join(runs('app'), 'message'))).toMatchObject({ size: 0, mode: 0o100666 });
  expect(readdirSync(runs('old'))).toEqual(['began']);
  expect(existsSync(runs('unheard-of'))).toBe(false);
});

it('does it once: what the container has said since stays', () => {
  starts().layOut('u1', ['app']);
  writeFileSync(join(runs('app'), 'message'), 'last words');
  rmSync(join(root, 'begun/u1:app'));
  starts().layOut('u1', ['app']);
  expect(readFileSync(join(runs('app'), 'message'), 'utf8')).toBe('last words');
  expect(readdirSync(join(root, 'begun'))).toEqual([]);
});

it('leaves no marks of a pod that has gone', () => {
  starts().layOut('u1', ['app']);
  starts().forget('u2');
  expect(readdirSync(join(root, 'begun'))).toEqual(['u1:app']);
  starts().forget('u1');
  expect(readdirSync(join(root, 'begun'))).toEqual([]);
});

it('leaves its marks where the unit that is then skipped, and the script that takes them away, look for them', () => {
  const text = (path: string) => readFileSync(join(import.meta.dirname, '../../systemd', path), 'utf8');
  const marks = marksOf('/run/quadshift');
  expect(text('units/quadshift-begin@.service')).toContain(`\nConditionPathExists=!${marks}/%i\n`);
  expect(text('scripts/container-ended.sh')).toContain(`\nfirst=${marks}/\${pod##*/}:\${1##*/}\n`);
});
