import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a folder and all in it take on its own file system, by du(1); 0 when it is gone. */
export async function measureFolder(path: string): Promise<{ readonly bytes: number; readonly inodes: number }> {
  const [bytes, inodes] = await Promise.all([sum(path, '--block-size=1'), sum(path, '--inodes')]);
  return { bytes, inodes };
}

async function sum(path: string, what: string): Promise<number> {
  // What is deleted meanwhile makes du complain; its sum is printed all the same.
  const run = promisify(execFile)('nice', ['du', '-s', '-x', what, '--', path]);
  const { stdout } = await run.catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return Number.parseInt(stdout, 10) || 0;
}
