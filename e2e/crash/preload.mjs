// Loaded into the server of a test box by `node --import`, and by nothing else: counts what the server does to the
// machine, and kills it with SIGKILL at the step that /run/crash-at names. The file is taken away first, so that the
// server that comes next runs on. Steps: a commit of the store, a file that is put in its place, a file that goes, a
// folder that goes, a message to a local socket (systemd, Podman).
import { readFileSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import sqlite from 'node:sqlite';

const FOLDER = '/run/crash';
let left = Number.POSITIVE_INFINITY;
let steps = 0;

function step() {
  steps += 1;
  left -= 1;
  if (left > 0) return;
  unlinkSync(`${FOLDER}/at`);
  writeFileSync(`${FOLDER}/died`, `${steps}`);
  process.kill(process.pid, 'SIGKILL');
}

function arm() {
  try {
    left = Number(readFileSync(`${FOLDER}/at`, 'utf8')) || Number.POSITIVE_INFINITY;
    steps = 0;
  } catch {
    left = Number.POSITIVE_INFINITY;
  }
}

for (const name of ['rename', 'unlink', 'rmdir', 'rm']) {
  const real = promises[name];
  promises[name] = (...given) => {
    step();
    return real(...given);
  };
}
const { exec } = sqlite.DatabaseSync.prototype;
sqlite.DatabaseSync.prototype.exec = function counted(text) {
  if (/^\s*commit/i.test(text)) step();
  return exec.call(this, text);
};
const { write } = net.Socket.prototype;
net.Socket.prototype.write = function counted(...given) {
  if (this.remoteAddress === undefined && !this.encrypted) step();
  return write.apply(this, given);
};
syncBuiltinESMExports();
arm();
watch(FOLDER, (_, name) => {
  if (name === 'armed') arm();
  if (name === 'count') writeFileSync(`${FOLDER}/steps`, `${steps}`);
});
