import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControllersOptions } from '../controllers/start-controllers.ts';

/** The file that `container-begin` waits for to go: `<pods>/<uid>/containers/<name>/awaits-image`. */
const MARK = 'awaits-image';

/** Holds back containers of `<pods>/<uid>`. What was read or written once is known from then on. */
export function createImageHolds(pods: string): NonNullable<ControllersOptions['imageHolds']> {
  const known = new Map<string, readonly string[]>();
  const folderOf = (uid: string): string => join(pods, uid, 'containers');
  const get = async (uid: string): Promise<readonly string[]> => {
    const found = known.get(uid) ?? (await readMarks(folderOf(uid)));
    known.set(uid, found);
    return found;
  };
  return {
    get,
    isHolding: (uid) => (known.get(uid) ?? []).length > 0,
    set: async (uid, containers) => {
      const before = await get(uid);
      const of = (name: string): string => join(folderOf(uid), name);
      await Promise.all(
        containers.map(async (name) => {
          if (before.includes(name)) return;
          await mkdir(of(name), { recursive: true });
          await writeFile(join(of(name), MARK), '');
        }),
      );
      const released = before.filter((name) => !containers.includes(name));
      await Promise.all(released.map((name) => rm(join(of(name), MARK), { force: true })));
      known.set(uid, containers);
    },
    forget: (uid) => void known.delete(uid),
  };
}

async function readMarks(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const marked = await Promise.all(
    names.map((name) =>
      access(join(folder, name, MARK)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, index) => marked[index]);
}
