import { spawn } from 'node:child_process';
import { type Box, openBox } from './box/box.ts';
import { type CommandOptions, type CommandResult, capture } from './box/process.ts';
import { DEFAULT_BOX } from './box/settings.ts';

export { eventually } from './box/wait.ts';

/** What the tests need to know of their box; the global setup puts it into the environment of the workers. */
export const ENVIRONMENT = {
  kubectl: 'QUADSHIFT_E2E_KUBECTL',
  kubeconfig: 'KUBECONFIG',
  /** Where kubectl keeps what it discovered: not in the user's own cache. */
  kubectlCache: 'KUBECACHEDIR',
} as const;

/** The tests' own box: beside the one that the developer works with. */
export function testBoxName(): string {
  return `${process.env['QUADSHIFT_BOX'] || DEFAULT_BOX}-test`;
}

function current(): Box {
  const box = openBox(testBoxName());
  if (!box) throw new Error(`there is no box ${testBoxName()}: the global setup makes it`);
  return box;
}

/** The box under test. */
export const box: Omit<Box, 'name' | 'remove' | 'passThrough'> = {
  exec: (command, options) => current().exec(command, options),
  must: (command, options) => current().must(command, options),
  isRunning: () => current().isRunning(),
  boot: () => current().boot(),
  reboot: () => current().reboot(),
  powerCut: () => current().powerCut(),
  address: () => current().address(),
  hostPath: (path) => current().hostPath(path),
};

/** The kubectl that runs on this machine: the box's own, so that no other has to be here. */
export function kubectlPath(): string {
  return process.env[ENVIRONMENT.kubectl] || 'kubectl';
}

/** Runs kubectl on this machine against the box, as the administrator. */
export function kubectl(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return capture([kubectlPath(), ...args], { timeout: 120_000, ...options });
}

/** A kubectl that keeps running. */
export interface KubectlStream {
  /** What it has written to standard output so far. */
  output(): string;
  /** What it has written to standard error so far. */
  errors(): string;
  /** Ends it as Ctrl-C does; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a kubectl that doesn't end by itself: `get -w`, `logs -f`, `port-forward`. */
export function kubectlStream(args: readonly string[], binary: string = kubectlPath()): KubectlStream {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  return {
    output: stdout,
    errors: stderr,
    stop: () => {
      child.kill('SIGINT');
      return closed;
    },
  };
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** Gives an image of the box's registry another name there: `pushImage('hello:v2', 'hello:latest')`. */
export async function pushImage(source: string, target: string): Promise<void> {
  const registry = 'docker://localhost:5000';
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  await current().must(['skopeo', 'copy', '--quiet', ...insecure, `${registry}/${source}`, `${registry}/${target}`]);
}
