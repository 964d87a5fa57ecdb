import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUnbound } from './resolver.ts';

let folder: string;
let server: Server;
let heard: string[];
let answer: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'resolver-'));
  [heard, answer] = [[], 'ok\n'];
  server = createServer((socket) => {
    socket.once('data', (line) => {
      heard.push(line.toString());
      socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'control.sock'), resolve));
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('has a zone read again and what was answered from the old one forgotten', async () => {
  await createUnbound(join(folder, 'control.sock')).reloadZone('cluster.local');
  expect(heard).toEqual(['UBCT1 auth_zone_reload cluster.local\n', 'UBCT1 flush_zone cluster.local\n']);
});

it('says what unbound says when it refuses, and when nobody is there', async () => {
  answer = 'error no auth-zone cluster.local\n';
  const resolver = createUnbound(join(folder, 'control.sock'));
  await expect(resolver.reloadZone('cluster.local')).rejects.toThrow('error no auth-zone cluster.local');
  await expect(createUnbound(join(folder, 'none.sock')).reloadZone('a')).rejects.toThrow('ENOENT');
});
