import { spawn } from 'node:child_process';

/** A UDP flow in the kernel's table of connections. */
export interface TrackedUdp {
  readonly family: 'IPv4' | 'IPv6';
  /** Where the client sends to; undefined: to any address. */
  readonly address: string | undefined;
  readonly port: number;
  /** Where its packets really go; undefined: wherever. */
  readonly target: { readonly address: string; readonly port: number } | undefined;
}

/** The kernel's table of connections. */
export interface Conntrack {
  /** Forgets flows, so that their next packet is a first one again. Flows that aren't there are fine. */
  forget(flows: readonly TrackedUdp[]): Promise<void>;
}

/** conntrack(8) as a child process, one flow at a time. Rejects when the program is missing. */
export function createConntrack(program = 'conntrack'): Conntrack {
  return {
    forget: async (flows) => {
      for (const flow of flows) await run(program, deletion(flow));
    },
  };
}

/** The arguments that delete a flow. */
export function deletion({ family, address, port, target }: TrackedUdp): readonly string[] {
  return [
    ...['-D', '-f', family.toLowerCase(), '-p', 'udp'],
    ...(address === undefined ? [] : ['--orig-dst', address]),
    ...['--orig-port-dst', String(port)],
    ...(target === undefined ? [] : ['--reply-src', target.address, '--reply-port-src', String(target.port)]),
  ];
}

/** conntrack ends with 1 when it finds nothing to delete, and says so on standard error. */
function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.once('error', (cause) => reject(new Error(`cannot run ${program}: ${cause.message}`, { cause })));
    child.once('close', () => resolve());
  });
}
