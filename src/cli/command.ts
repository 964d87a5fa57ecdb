import { parseArgs } from 'node:util';

/** One subcommand of `quadshift`. */
export interface Command {
  /** Words after `quadshift`, e.g. `config show`. */
  readonly name: string;
  /** One line for `quadshift help`. */
  readonly summary: string;
  /** Runs to the end; resolves with the exit status. `flags` are the `--set` values. */
  readonly run: (flags: readonly string[]) => Promise<number>;
}

/** The command line, taken apart: the command's words and the `--set path=value` flags. */
export interface ParsedArguments {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** A command line that can't be understood; exit status 2. */
export class UsageError extends Error {}

/** Splits an argument vector. `--set` may be given more than once; `--help` and `--version` read as commands. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        set: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
    const first = values.help ? ['help'] : values.version ? ['version'] : [];
    return { words: [...first, ...positionals], flags: values.set ?? [] };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The command whose name the words begin with. */
export function findCommand(commands: readonly Command[], words: readonly string[]): Command {
  const text = words.join(' ');
  const found = commands.find((command) => text === command.name);
  if (found) return found;
  throw new UsageError(text === '' ? 'which command?' : `unknown command "${text}"`);
}

/** The help text. */
export function usage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `Usage: quadshift COMMAND [--set path.to.setting=value]…\n\n${lines.join('\n')}\n`;
}
