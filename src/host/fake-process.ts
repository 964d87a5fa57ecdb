import { type Duplex, duplexPair } from 'node:stream';
import type { ProcessSession } from './podman.ts';

/** What a fake process works with. */
export interface FakeProcessIo {
  readonly command: readonly string[];
  /** What the client sends, until it ends its side. */
  readonly stdin: AsyncIterable<Buffer>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** The terminal's size as it is now. */
  size(): { readonly width: number; readonly height: number };
}

/** A process: resolves with its exit status. */
export type FakeProcess = (io: FakeProcessIo) => Promise<number>;

/** A session with a process that starts at once. */
export function runFakeProcess(
  fake: FakeProcess,
  options: { readonly command: readonly string[]; readonly tty: boolean },
): ProcessSession {
  const [client, server] = duplexPair();
  let size = { width: 80, height: 24 };
  const send = (number: number) => (text: string) => void server.write(options.tty ? text : frame(number, text));
  const io = {
    command: options.command,
    stdin: server.iterator({ destroyOnReturn: false }),
    stdout: send(1),
    stderr: send(2),
    size: () => size,
  };
  const exit = run(fake, io, server);
  return {
    stream: client,
    tty: options.tty,
    resize: async (wanted) => {
      size = wanted;
    },
    exitCode: () => exit,
  };
}

async function run(fake: FakeProcess, io: FakeProcessIo, server: Duplex): Promise<number> {
  try {
    return await fake(io);
  } finally {
    server.end();
  }
}

function frame(number: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(number, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}
