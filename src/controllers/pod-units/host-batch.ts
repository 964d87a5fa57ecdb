import type { ServiceManager } from '../../../systemd/service-manager.ts';
import type { DesiredFiles, UnitDirectory } from '../../../systemd/unit-directory.ts';
import type { Clock } from '../clock.ts';

/** How long the first write of a batch waits for company. */
const WINDOW_MS = 10;

/** Writes to the machine's files; writes close together are one look at the disk and one daemon-reload. */
export interface HostBatch {
  /** Makes the disk hold these files of their owner; systemd knows them when this resolves. True when any changed. */
  apply(desired: DesiredFiles): Promise<boolean>;
  /** Deletes everything of an owner. */
  remove(owner: string): Promise<boolean>;
}

type Work = {
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: unknown) => void;
} & ({ readonly desired: DesiredFiles } | { readonly owner: string });

interface Outcome {
  readonly work: Work;
  readonly changed: boolean;
  readonly reloadNeeded: boolean;
}

async function carryOut(works: readonly Work[], directory: UnitDirectory): Promise<readonly Outcome[]> {
  const removed = works.flatMap((w) => ('owner' in w ? [w.owner] : []));
  const desired = works.flatMap((w) => ('desired' in w ? [w.desired] : []));
  const changes = [
    ...(removed.length > 0 ? [await directory.remove(removed)] : []),
    ...(desired.length > 0 ? [await directory.apply(desired)] : []),
  ];
  const changed = changes.some((c) => c.changed.length > 0);
  const reloadNeeded = changes.some((c) => c.reloadNeeded);
  return works.map((work) => ({ work, changed, reloadNeeded }));
}

/** One by one: a batch is refused as a whole, and only the culprit shall fail. */
async function separately(works: readonly Work[], directory: UnitDirectory): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const work of works) {
    try {
      outcomes.push(...(await carryOut([work], directory)));
    } catch (error) {
      work.reject(error);
    }
  }
  return outcomes;
}

/**
 * Reloads systemd when it is behind the files. At first it may be: an earlier process may have been killed between its
 * files and its reload, and a gate starts without the units that systemd hasn't heard of. A reload that fails is still due.
 */
function createReload(manager: ServiceManager): (isNeeded: boolean) => Promise<void> {
  let isBehind = true;
  return async (isNeeded) => {
    isBehind ||= isNeeded;
    if (!isBehind) return;
    await manager.reload();
    isBehind = false;
  };
}

async function flush(
  works: readonly Work[],
  directory: UnitDirectory,
  reload: ReturnType<typeof createReload>,
): Promise<void> {
  try {
    const outcomes = await carryOut(works, directory).catch(() => separately(works, directory));
    await reload(outcomes.some((o) => o.reloadNeeded));
    for (const { work, changed } of outcomes) work.resolve(changed);
  } catch (error) {
    for (const { reject } of works) reject(error);
  }
}

/** A batch over the unit directory. While one batch is written the next gathers. */
export function createHostBatch(options: {
  readonly directory: UnitDirectory;
  readonly serviceManager: ServiceManager;
  readonly clock: Clock;
}): HostBatch {
  const { directory, clock } = options;
  const reload = createReload(options.serviceManager);
  let batch: Work[] = [];
  let running: Promise<void> = Promise.resolve();
  const begin = (): void => {
    running = running.then(() => {
      const taken = batch;
      batch = [];
      return flush(taken, directory, reload);
    });
  };
  const submit = (work: Work): void => {
    if (batch.length === 0) clock.after(WINDOW_MS, begin);
    batch.push(work);
  };
  return {
    apply: (desired) => new Promise((resolve, reject) => submit({ desired, resolve, reject })),
    remove: (owner) => new Promise((resolve, reject) => submit({ owner, resolve, reject })),
  };
}
