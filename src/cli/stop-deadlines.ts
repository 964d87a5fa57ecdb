import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes until when a pod has to be gone where `container-stop` looks for it: `<pods>/<uid>/containers/stop-by`. */
export function createStopDeadlines(pods: string): (uid: string, deadline: number) => Promise<void> {
  return async (uid, deadline) => {
    const folder = join(pods, uid, 'containers');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'stop-by'), `${deadline}\n`);
  };
}
