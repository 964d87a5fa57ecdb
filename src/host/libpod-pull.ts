import { jsonLines } from './json-lines.ts';
import type { LibpodClient } from './libpod-client.ts';
import { type Podman, PodmanError } from './podman.ts';

interface PullLine {
  readonly id?: string;
  readonly images?: readonly string[] | null;
  readonly error?: string;
}

/** Pulls an image and resolves with its id. What Podman says went wrong is the error's message, word for word. */
export async function pullImage(
  client: LibpodClient,
  reference: string,
  options: Parameters<Podman['pullImage']>[1] = {},
): Promise<string> {
  const { auth, signal } = options;
  const stream = await client.stream({
    method: 'POST',
    path: '/images/pull',
    query: { reference, policy: 'always' },
    ...(auth === undefined ? {} : { headers: { 'X-Registry-Auth': registryAuth(auth) } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const abort = (): void => void stream.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await pulledId(stream, reference);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error instanceof PodmanError ? error : new PodmanError(`pulling ${reference}: ${error}`, 0, { cause: error });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Progress lines, then one with the id; an error may come at any time, although the status said 200. */
async function pulledId(stream: AsyncIterable<Uint8Array>, reference: string): Promise<string> {
  let id = '';
  let error = '';
  for await (const line of jsonLines(stream)) {
    const said = line as PullLine;
    error = said.error ?? error;
    id = said.id ?? said.images?.at(-1) ?? id;
  }
  if (error !== '') throw new PodmanError(error.trim(), 500);
  if (id === '') throw new PodmanError(`pulling ${reference} ended without an image`, 0);
  return id;
}

/** Who one is, as the header takes it: base64 for URLs, padded, as Go decodes it. */
export const registryAuth = (auth: { readonly username: string; readonly password: string }): string =>
  Buffer.from(JSON.stringify(auth)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
