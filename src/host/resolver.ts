import { connect } from 'node:net';

/** The pods' resolver while it runs. Rejects with `ResolverError`, also when it doesn't run. */
export interface Resolver {
  /** Reads a zone's file again, and forgets what was answered from the old one. */
  reloadZone(zone: string): Promise<void>;
}

/** The resolver can't be reached or refused a command. */
export class ResolverError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ResolverError';
  }
}

/** Longest time that unbound may take for a command. */
const TIMEOUT_MS = 10_000;

/** unbound by its control socket, speaking what unbound-control(8) speaks: one line, one answer. */
export function createUnbound(socketPath: string): Resolver {
  return {
    reloadZone: async (zone) => {
      await command(socketPath, `auth_zone_reload ${zone}`);
      await command(socketPath, `flush_zone ${zone}`);
    },
  };
}

function command(socketPath: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = '';
    const fail = (why: string, cause?: Error): void => reject(new ResolverError(`${line}: ${why}`, { cause }));
    socket.setTimeout(TIMEOUT_MS, () => {
      fail(`no answer in ${TIMEOUT_MS} ms`);
      socket.destroy();
    });
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`UBCT1 ${line}\n`));
    socket.on('data', (text: string) => {
      answer = (answer + text).slice(0, 4096);
    });
    socket.on('error', (cause) => fail(cause.message, cause));
    socket.on('close', () => (answer.startsWith('ok') ? resolve() : fail(answer.trim() || 'no answer')));
  });
}
