#!/usr/bin/env node
import { type Command, findCommand, parseArguments, UsageError, usage } from './cli/command.ts';
import { VERSION } from './cli/version.ts';

/** Commands load what they need when they run: `quadshift version` must not pay for a server. */
const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'answer the Kubernetes API and keep the host in step with it',
    run: async (flags) => (await import('./cli/serve.ts')).serve(flags),
  },
  {
    name: 'probes',
    summary: 'run the compiled probes of pods (works without the API server)',
    run: async (flags) => (await import('./cli/probes.ts')).probes(flags),
  },
  {
    name: 'config show',
    summary: 'print the effective configuration',
    run: async (flags) => (await import('./cli/config-show.ts')).configShow(flags),
  },
  {
    name: 'version',
    summary: 'print the version',
    run: async () => print(`${VERSION}\n`),
  },
  {
    name: 'help',
    summary: 'print this text',
    run: async () => print(usage(commands)),
  },
];

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const { words, flags } = parseArguments(argv);
    return await findCommand(commands, words[0] === 'help' ? ['help'] : words).run(flags);
  } catch (error) {
    const text = error instanceof UsageError ? `${error.message}\n\n${usage(commands)}` : `${describe(error)}\n`;
    process.stderr.write(`quadshift: ${text}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'ConfigError' ? error.message : (error.stack ?? error.message);
}

const status = await main(process.argv.slice(2));
// A failed command must not be kept alive by what it had opened.
if (status === 0) process.exitCode = 0;
else process.exit(status);
