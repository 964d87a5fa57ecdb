import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LibpodClient } from './libpod-client.ts';
import { type ExecOptions, PodmanError, type ProcessSession } from './podman.ts';

/** What a container's end in the middle of an exec looks like to the client: killed. */
const KILLED = 137;

/** Runs a command in a running container. */
export async function openExec(client: LibpodClient, container: string, options: ExecOptions): Promise<ProcessSession> {
  const id = await createExec(client, container, options);
  const stream = await client.hijack({
    method: 'POST',
    path: `/exec/${id}/start`,
    body: { Detach: false, Tty: options.tty },
  });
  return {
    stream,
    tty: options.tty,
    resize: (size) => resize(client, `/exec/${id}/resize`, size),
    exitCode: once(() => execExitCode(client, id, stream)),
  };
}

async function createExec(client: LibpodClient, container: string, options: ExecOptions): Promise<string> {
  const answer = await client.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(container)}/exec`,
    body: {
      Cmd: options.command,
      Tty: options.tty,
      AttachStdin: options.stdin,
      AttachStdout: options.stdout,
      AttachStderr: options.stderr,
      DetachKeys: '',
    },
  });
  return (answer as { readonly Id: string }).Id;
}

async function execExitCode(client: LibpodClient, id: string, stream: Duplex): Promise<number> {
  await readToEnd(stream);
  // The stream ends a moment before Podman has noted the status.
  for (let pause = 5; ; pause = Math.min(250, pause * 2)) {
    const session = await inspectExec(client, id);
    if (session === undefined) return KILLED;
    if (!session.Running) return session.ExitCode;
    await delay(pause);
  }
}

interface ExecInspection {
  readonly Running: boolean;
  readonly ExitCode: number;
}

async function inspectExec(client: LibpodClient, id: string): Promise<ExecInspection | undefined> {
  try {
    return (await client.json({ method: 'GET', path: `/exec/${id}/json` })) as ExecInspection;
  } catch (error) {
    if (error instanceof PodmanError && error.status === 404) return undefined;
    throw error;
  }
}

/** Attaches to a running container's main process. */
export async function openAttach(
  client: LibpodClient,
  container: string,
  options: { readonly tty: boolean; readonly stdin: boolean },
): Promise<ProcessSession> {
  const path = `/containers/${encodeURIComponent(container)}`;
  const stream = await client.hijack({
    method: 'POST',
    path: `${path}/attach`,
    query: { stream: true, stdin: options.stdin, stdout: true, stderr: true, detachKeys: '' },
  });
  return {
    stream,
    tty: options.tty,
    resize: (size) => resize(client, `${path}/resize`, size),
    exitCode: once(() => containerExitCode(client, path)),
  };
}

async function containerExitCode(client: LibpodClient, path: string): Promise<number> {
  const answer = await client.json({ method: 'POST', path: `${path}/wait`, query: { condition: 'stopped' } });
  return typeof answer === 'number' ? answer : KILLED;
}

async function resize(
  client: LibpodClient,
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  await client.json({ method: 'POST', path, query: { w: size.width, h: size.height } });
}

/** However it ends: a reset connection says nothing about the process. */
async function readToEnd(stream: Duplex): Promise<void> {
  await finished(stream, { writable: false }).catch(() => undefined);
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= action();
    return result;
  };
}
