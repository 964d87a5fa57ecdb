import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Bytes that a folder and all in it take on its own file system, by du(1); 0 when it is gone. */
export async function measureFolder(path: string): Promise<number> {
  // What is deleted meanwhile makes du complain; its sum is printed all the same.
  const run = promisify(execFile)('nice', ['du', '-s', '-x', '--block-size=1', '--', path]);
  const { stdout } = await run.catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return Number.parseInt(stdout, 10) || 0;
}
