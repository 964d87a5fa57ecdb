import { spawn } from 'node:child_process';

/** The packet filter: loads scripts of `nft -f` atomically. Rejects with `NftError`. */
export interface Nft {
  /** Applies a script; all of it or nothing. */
  load(script: string): Promise<void>;
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
    load: (script) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
        let complaint = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          complaint = (complaint + text).slice(0, 4096);
        });
        child.once('error', (cause) => reject(new NftError(`cannot run ${program}: ${cause.message}`)));
        child.once('close', (code) =>
          code === 0 ? resolve() : reject(new NftError(complaint.trim() || `exit ${code}`)),
        );
        // A refused script may close the pipe early: the exit status tells.
        child.stdin.on('error', () => {});
        child.stdin.end(script);
      }),
  };
}
