import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Completion, CompletionReader } from '../controllers/pod-status/facts.ts';

/** Reads the markers that units leave below `<pods>/<uid>/completed/` when a container has ended for good. */
export function createCompletionReader(pods: string): CompletionReader {
  return {
    read: async (uid) => {
      const folder = join(pods, uid, 'completed');
      const names = await readdir(folder).catch(absent);
      const marks = names
        .filter((name) => !name.endsWith('.new'))
        .map(async (name) => {
          return [name, parseMark(await readFile(join(folder, name), 'utf8'))] as const;
        });
      return Object.fromEntries(await Promise.all(marks));
    },
  };
}

/** systemd.exec(5): EXIT_STATUS is a number, or a signal's name when EXIT_CODE says `killed` or `dumped`. */
function parseMark(text: string): Completion {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const status = Number(value('EXIT_STATUS'));
  return { exitCode: Number.isInteger(status) ? status : 137, finishedAt: Number(value('FINISHED')) * 1000 };
}

function absent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
