import { spawn } from 'node:child_process';

/** The packet filter: takes scripts of `nft -f`. Rejects with `NftError`. */
export interface Nft {
  /** Applies a script; all of it or nothing. */
  load(script: string): Promise<void>;
  /** Asks whether a script would be accepted, and changes nothing. */
  check(script: string): Promise<void>;
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
    load: (script) => run(program, ['-f', '-'], script),
    check: (script) => run(program, ['-c', '-f', '-'], script),
  };
}

function run(program: string, args: readonly string[], script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 4096);
    });
    child.once('error', (cause) => reject(new NftError(`cannot run ${program}: ${cause.message}`)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new NftError(complaint.trim() || `exit ${code}`))));
    // A refused script may close the pipe early: the exit status tells.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
  });
}
