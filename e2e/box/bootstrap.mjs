// Starts a script of this project on the Node that package-lock.json pins, installing the dependencies first if they
// are missing or old. Plain JavaScript, because it is the one file that the system's own Node (18 or later) runs.
//
//   node e2e/box/bootstrap.mjs [SCRIPT.ts [ARGUMENT…]]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(project, lockFile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds what package-lock.json asks for (packages of other platforms may be absent). */
function isInstalled() {
  const wanted = packagesOf('package-lock.json') ?? {};
  const present = packagesOf('node_modules/.package-lock.json');
  if (!present) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || (present[path] ? present[path].version === version : optional),
  );
}

function install() {
  process.stderr.write('quadshift: installing the dependencies with npm\n');
  // Not `npm ci`: it refuses a lock file that leaves out optional packages of other platforms, which some registries
  // lack. With --no-save the lock file is obeyed and left alone.
  // npm itself may run on an older system Node: what is installed runs on the pinned one.
  const npm = spawnSync('npm', ['install', '--no-save', '--engine-strict=false', '--loglevel=error'], {
    cwd: project,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) process.stderr.write(`quadshift: cannot start npm: ${npm.error.message}\n`);
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

if (!isInstalled()) install();

const [script, ...rest] = process.argv.slice(2);
if (!script) process.exit(0);
// The script decides what an interrupt means; this process only outlives it to pass its status on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const bin = join(project, 'node_modules/.bin');
const { status, signal, error } = spawnSync(join(bin, 'node'), [join(project, script), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
});
if (error) process.stderr.write(`quadshift: cannot start ${script}: ${error.message}\n`);
process.exit(status ?? (signal ? 128 + constants.signals[signal] : 1));
