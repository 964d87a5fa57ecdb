import type { Podman } from '../host/podman.ts';

/** journald hands over the last lines a little after the process has gone. */
const JOURNAL_LAG_MS = 500;

/**
 * A signal for following a container's log: aborted when the given one is, and shortly after the container has
 * ended, so that `logs -f` ends with it. `stop` frees what it holds.
 */
export function untilEnded(
  podman: Podman,
  container: string,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    ended.abort();
  };
  const endSoon = (): void => {
    timer ??= setTimeout(stop, JOURNAL_LAG_MS);
  };
  const checkState = async (): Promise<void> => {
    const facts = await podman.inspectContainer(container);
    if (facts?.state !== 'running') endSoon();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const watching = podman.watch(
    ({ type, action, id, name }) => {
      const isOurs = type === 'container' && (id === container || name === container);
      if (isOurs && (action === 'died' || action === 'remove')) endSoon();
      // Events may be missing: look for ourselves.
      if (type === 'other') checkState().catch(() => {});
    },
    { signal: ended.signal },
  );
  // Without events the log is followed until the client has enough. The state may have changed before they came.
  watching.catch(() => {});
  checkState().catch(() => {});
  return { signal: ended.signal, stop };
}
