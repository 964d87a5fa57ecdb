import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstStartMark } from '../../translators/units/pod/run-folder.ts';
import type { ControllersOptions } from '../controllers/start-controllers.ts';

/** Where first starts are laid out. */
export interface FirstStartFolders {
  /** `<pods>/<uid>/containers/<name>` is what a container's runs leave behind. */
  readonly pods: string;
  /** In memory: after a boot units lay out all starts. */
  readonly marks: string;
}

/** Where the marks are that `quadshift-begin@` looks for. */
export function marksOf(runtime: string): string {
  return join(runtime, 'begun');
}

/**
 * What `container-begin` would do before a container's first start, done by us: it has nothing to wait for. Of a container that has
 * started before nothing is touched.
 */
export function createFirstStarts({ pods, marks }: FirstStartFolders): NonNullable<ControllersOptions['firstStarts']> {
  return {
    layOut: (uid, containers) => {
      mkdirSync(marks, { recursive: true, mode: 0o755 });
      for (const name of containers) {
        const folder = join(pods, uid, 'containers', name);
        if (!existsSync(folder) || existsSync(join(folder, 'began'))) continue;
        const mark = join(marks, firstStartMark(uid, name));
        const message = join(folder, 'message');
        writeFileSync(message, '');
        // Whoever the container's processes are may write there.
        chmodSync(message, 0o666);
        writeFileSync(join(folder, 'began'), 'first - 0\n');
        writeFileSync(mark, '');
      }
    },
    forget: (uid) => {
      const mine = firstStartMark(uid, '');
      const names = existsSync(marks) ? readdirSync(marks).filter((name) => name.startsWith(mine)) : [];
      for (const name of names) rmSync(join(marks, name), { force: true });
    },
  };
}
