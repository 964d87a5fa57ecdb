import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { schemas } from '../src/kinds/schema.ts';
import { readDescriptions } from './descriptions.ts';

const PROJECT = join(import.meta.dirname, '..');

/**
 * What packages bring along and we never use, slow to load or native: docker-modem's SSH and BuildKit's gRPC, the D-Bus
 * introspection's XML, zod's messages in fifty languages.
 */
const UNUSED = /^(ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader|xml2js|\.\.\/locales\/index\.js)$/;

/** Fastify's compilers of route schemas, made at start by a call; our routes have no schemas. */
const UNUSED_COMPILERS = /^@fastify\/(ajv-compiler|fast-json-stringify-compiler)$/;

const stubUnused: Plugin = {
  name: 'stub-unused',
  setup({ onResolve, onLoad }) {
    const stub = (filter: RegExp, namespace: string, contents: string): void => {
      onResolve({ filter }, ({ path }) => ({ path, namespace }));
      onLoad({ filter: /.*/, namespace }, () => ({ contents, loader: 'js' }));
    };
    stub(UNUSED, 'unused', 'module.exports = {};');
    stub(UNUSED_COMPILERS, 'unused-compiler', 'module.exports = () => undefined;');
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

/**
 * Node's own modules are required, not imported: an import looks at everything that a module exports, and node:http exports
 * what loads undici. 14 MB of memory, and a third of the processor's time until the program runs.
 */
const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup({ onResolve, onLoad }) {
    const namespace = 'builtin';
    onResolve({ filter: /.*/ }, ({ path, kind, namespace: from }) => {
      if (!isBuiltin(path)) return undefined;
      return kind === 'require-call' || from === namespace ? { path, external: true } : { path, namespace };
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
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
    plugins: [requireBuiltins, stubUnused, quietModem],
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
  writeFileSync(draft, inAscii(readFileSync(draft, 'utf8')));
  renameSync(draft, target);
}

/**
 * One character beyond Latin-1, and V8 keeps the whole text with two bytes per character for as long as the server runs.
 * esbuild escapes all but what stands in regular expressions, where an escape means the same.
 */
function inAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Writes what OpenAPI says of types beside the bundle, in a file of its own: it is read when somebody asks. */
function writeDescriptions(target: string): void {
  const descriptions = readDescriptions(join(PROJECT, 'node_modules'), Object.keys(schemas));
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(descriptions));
  renameSync(draft, target);
}

const { values } = parseArgs({ options: { entry: { type: 'string' }, outfile: { type: 'string' } } });
const outfile = values.outfile ?? join(PROJECT, 'dist/quadshift.mjs');
mkdirSync(join(outfile, '..'), { recursive: true });
await bundle(values.entry ?? join(PROJECT, 'src/main.ts'), outfile);
writeDescriptions(join(outfile, '../descriptions.json'));
