import { spawn } from 'node:child_process';

/** What packets put into a set, and how long it stays there. */
export interface NftMemory {
  readonly set: string;
  readonly elements: readonly { readonly key: string; readonly secondsLeft: number }[];
}

/** The packet filter: takes scripts of `nft -f`. Rejects with `NftError`. */
export interface Nft {
  /** Applies a script; all of it or nothing. */
  load(script: string): Promise<void>;
  /** Asks whether a script would be accepted, and changes nothing. */
  check(script: string): Promise<void>;
  /** Elements with a lifetime in the sets of a table, `inet quadshift`; none when there is no such table. */
  memories(table: string): Promise<readonly NftMemory[]>;
}

/** nft refused a script; the message is nft's own. */
export class NftError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NftError';
  }
}

/** nft(8) as a child process that reads the script from standard input. */
export function createNft(program = 'nft'): Nft {
  return {
    load: async (script) => void (await run(program, ['-f', '-'], script)),
    check: async (script) => void (await run(program, ['-c', '-f', '-'], script)),
    memories: async (table) => {
      const [family = ''] = table.split(' ');
      return parseMemories(await run(program, ['-j', 'list', 'sets', family]), table);
    },
  };
}

interface ListedSet {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly elem?: readonly (string | { readonly elem?: { readonly val?: unknown; readonly expires?: number } })[];
}

/** What `nft -j list sets` says of elements that expire. */
export function parseMemories(json: string, table: string): readonly NftMemory[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly set?: ListedSet }[] };
  return nftables.flatMap(({ set }) => {
    if (set === undefined || `${set.family} ${set.table}` !== table) return [];
    const elements = (set.elem ?? []).flatMap((entry) => {
      const { val, expires } = (typeof entry === 'string' ? undefined : entry.elem) ?? {};
      return typeof val === 'string' && expires !== undefined && expires > 0
        ? [{ key: val, secondsLeft: expires }]
        : [];
    });
    return elements.length === 0 ? [] : [{ set: set.name, elements }];
  });
}

function run(program: string, args: readonly string[], script = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [output, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 4096);
    });
    child.once('error', (cause) => reject(new NftError(`cannot run ${program}: ${cause.message}`)));
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new NftError(complaint.trim() || `exit ${code}`)),
    );
    // A refused script may close the pipe early: the exit status tells.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
  });
}
