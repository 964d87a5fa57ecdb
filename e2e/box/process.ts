import { type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a finished command left behind. A command that a signal ended has code 128 plus the signal's number. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** How to run a command. */
export interface CommandOptions {
  /** Written to standard input, which is then closed. */
  readonly input?: string | Uint8Array;
  /** Milliseconds after which the command and its children are killed and the promise is rejected. */
  readonly timeout?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A command that failed where success was needed; the message holds what it wrote to standard error. */
export class CommandError extends Error {
  readonly result: CommandResult;

  constructor(argv: readonly string[], result: CommandResult) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-4000);
    super(`\`${argv.join(' ')}\` ended with status ${result.code}${said ? `:\n${said}` : ''}`);
    this.name = 'CommandError';
    this.result = result;
  }
}

/** Runs a command to its end and keeps its output; any exit status is a result, only a command that can't start rejects. */
export function capture(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const { child, chunks } = start(argv, options);
  const timer = options.timeout
    ? setTimeout(() => {
        killGroup(child.pid);
        reject(new Error(`\`${argv.join(' ')}\` did not end within ${options.timeout} ms`));
      }, options.timeout)
    : undefined;
  child.on('error', (cause) => reject(new Error(`cannot start ${argv[0]}: ${cause.message}`, { cause })));
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    resolve({ ...chunks(), code: statusOf(code, signal) });
  });
  return promise;
}

/** Like `capture`, but rejects with a `CommandError` unless the command succeeds; resolves to its standard output. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await capture(argv, options);
  if (result.code !== 0) throw new CommandError(argv, result);
  return result.stdout;
}

/** Runs a command on our own standard streams; resolves to its exit status. */
export function passThrough(argv: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  // An interrupt reaches the command through the terminal; we wait for what it makes of it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  child.on('error', (cause) => reject(new Error(`cannot start ${command}: ${cause.message}`, { cause })));
  child.on('close', (code, signal) => {
    process.off('SIGINT', ignore);
    resolve(statusOf(code, signal));
  });
  return promise;
}

/** Whether a command of this name can be found. */
export async function hasCommand(name: string): Promise<boolean> {
  return (await capture(['sh', '-c', 'command -v "$1"', 'sh', name])).code === 0;
}

function start(argv: readonly string[], { input, cwd, env }: CommandOptions) {
  const [command = '', ...args] = argv;
  const stdin = input === undefined ? 'ignore' : 'pipe';
  // A group of its own, so that a timeout ends the children too.
  const child = spawn(command, args, { cwd, env, stdio: [stdin, 'pipe', 'pipe'], detached: true });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk) => stdout.push(chunk));
  child.stderr?.on('data', (chunk) => stderr.push(chunk));
  // A command may end without reading its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const chunks = () => ({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
  return { child, chunks };
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

function killGroup(pid: number | undefined): void {
  if (!pid) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
