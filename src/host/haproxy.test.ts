import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHaproxy, type Haproxy } from './haproxy.ts';

let master: Server;
let heard: string[];
let folder: string;
let haproxy: Haproxy;
let answer: (line: string) => string;

/** A stand-in for the master: a line in, an answer out. */
beforeEach(async () => {
  heard = [];
  master = createServer({ allowHalfOpen: true }, (socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text.trim());
      socket.end(`${answer(text.trim())}\n`);
    });
  });
  folder = mkdtempSync(join(tmpdir(), 'router-'));
  const masterSocket = join(folder, 'master.sock');
  await new Promise<void>((resolve) => master.listen(masterSocket, resolve));
  haproxy = createHaproxy({ masterSocket, scratch: tmpdir() });
});

afterEach(() => {
  master.close();
  rmSync(folder, { recursive: true });
});

const server = { backend: 'b', name: 's', weight: 2, words: ['10.0.0.1:80', 'cookie', 'x'] };

it('adds, weighs and removes servers of the running worker', async () => {
  answer = (line) => (line.includes('add') ? 'New server registered.' : line.includes('del') ? 'Server deleted.' : '');
  await haproxy.change([
    { type: 'add', ...server },
    { type: 'weigh', backend: 'b', name: 't', weight: 0 },
    { type: 'remove', backend: 'b', name: 'u' },
  ]);
  expect(heard).toEqual([
    '@1 add server b/s 10.0.0.1:80 cookie x weight 2',
    '@1 set server b/s state ready',
    '@1 set server b/t weight 0',
    '@1 set server b/u state maint',
    '@1 del server b/u',
  ]);
});

it('takes back a server that still had connections when it left, and deletes it later', async () => {
  answer = (line) => (line.includes('del') ? 'Server still has connections attached to it, cannot remove it.' : '');
  await haproxy.change([{ type: 'remove', backend: 'b', name: 's' }]);
  answer = (line) => (line.includes('add') ? 'Already exists a server with the same name in backend.' : '');
  await haproxy.change([{ type: 'add', ...server }]);
  expect(heard.slice(-3)).toEqual([
    '@1 add server b/s 10.0.0.1:80 cookie x weight 2',
    '@1 set server b/s weight 2',
    '@1 set server b/s state ready',
  ]);
});

it('says what was not taken', async () => {
  answer = () => 'No such backend.';
  await expect(haproxy.change([{ type: 'add', ...server }])).rejects.toThrow(/b\/s.*No such backend/);
  answer = () => 'Success=0\n--\nwhy';
  await expect(haproxy.reload()).rejects.toThrow(/reload: Success=0/);
  answer = () => 'Success=1';
  await haproxy.reload();
});
