import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';

const PROJECT = join(import.meta.dirname, '..');

/** What docker-modem and dockerode can do over SSH and BuildKit's gRPC: never used here, and slow or native to load. */
const UNUSED = /^(ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader)$/;

const stubUnused: Plugin = {
  name: 'stub-unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/**
 * docker-modem renders every request for its debug log, whether or not that is on: a fifth of what the server computes
 * while pods start.
 */
const quietModem: Plugin = {
  name: 'quiet-modem',
  setup({ onLoad }) {
    onLoad({ filter: /docker-modem\/lib\/modem\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const quiet = source.replace(/^ *debug\('Sending: %s', util\.inspect\([^;]*\);$/m, '');
      if (quiet === source) throw new Error(`${path} no longer renders its requests: this plugin can go`);
      return { contents: quiet, loader: 'js' };
    });
  },
};

/** Bundled CommonJS packages call require for Node's own modules. */
const REQUIRE = "import { createRequire as createBundleRequire } from 'node:module';\n";
const banner = { js: `${REQUIRE}const require = createBundleRequire(import.meta.url);` };

/** Makes the one file that runs on a host: everything but Node itself. Written whole or not at all. */
async function bundle(entry: string, target: string): Promise<void> {
  const draft = `${target}.${process.pid}`;
  await build({
    entryPoints: [entry],
    outfile: draft,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner,
    plugins: [stubUnused, quietModem],
    // Native and optional: loaded if an administrator has put it there.
    external: ['systemd-journald'],
    // Stack traces and unit statuses name functions; comments and blanks only cost time at start.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: false,
    legalComments: 'none',
    logLevel: 'warning',
    logOverride: { 'direct-eval': 'silent' },
  });
  renameSync(draft, target);
}

const { values } = parseArgs({ options: { entry: { type: 'string' }, outfile: { type: 'string' } } });
const outfile = values.outfile ?? join(PROJECT, 'dist/quadshift.mjs');
mkdirSync(join(outfile, '..'), { recursive: true });
await bundle(values.entry ?? join(PROJECT, 'src/main.ts'), outfile);
