import type { LibpodClient } from './libpod-client.ts';
import { PodmanError } from './podman.ts';

const BLOCK = 512;
/** Who would be asked for more reads another way. */
const MAX_BYTES = 1024 * 1024;

/**
 * Small files of an image as text, '' where it has none: through a container that is made of it, never started, and taken away
 * again. Contents belong to an id for good, so each is read once.
 */
export function createImageFileReader(
  client: LibpodClient,
): (id: string, paths: readonly string[]) => Promise<readonly string[]> {
  const known = new Map<string, Promise<readonly string[]>>();
  return (id, paths) => {
    const key = [id, ...paths].join(' ');
    const reading = known.get(key) ?? readFiles(client, id, paths);
    known.set(key, reading);
    reading.catch(() => known.delete(key));
    return reading;
  };
}

async function readFiles(client: LibpodClient, id: string, paths: readonly string[]): Promise<readonly string[]> {
  const name = `quadshift-reads-${id.slice(0, 12)}`;
  const remove = (): Promise<unknown> =>
    client.json({ method: 'DELETE', path: `/containers/${name}`, query: { force: true, ignore: true } });
  // One that a server left behind when it was killed.
  await remove();
  await client.json({ method: 'POST', path: '/containers/create', body: { name, image: id, command: ['true'] } });
  try {
    return await Promise.all(paths.map((path) => readFile(client, name, path)));
  } finally {
    await remove();
  }
}

async function readFile(client: LibpodClient, container: string, path: string): Promise<string> {
  try {
    const stream = await client.stream({ method: 'GET', path: `/containers/${container}/archive`, query: { path } });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new PodmanError(`${path} of an image is larger than ${MAX_BYTES} bytes`, 0);
      chunks.push(chunk);
    }
    return firstFile(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof PodmanError && error.status === 404) return '';
    throw error;
  }
}

/** The first regular file of a tar archive, '' when it has none. */
export function firstFile(archive: Buffer): string {
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    const start = at + BLOCK;
    // '0', and NUL in archives of old.
    if (archive[at + 156] === 0x30 || archive[at + 156] === 0) return archive.toString('utf8', start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return '';
}
