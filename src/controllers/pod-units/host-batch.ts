import type { ServiceManager } from '../../../systemd/service-manager.ts';
import type { DesiredFiles, UnitDirectory, UnitDirectoryChange } from '../../../systemd/unit-directory.ts';
import type { UnitLearner } from '../../../systemd/unit-learner.ts';
import type { Clock } from '../clock.ts';

/** How long the first write of a batch waits for company. */
const WINDOW_MS = 1;

/** Writes to the machine's files; writes close together are one look at the disk and told to systemd once. */
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
  readonly changes: readonly UnitDirectoryChange[];
}

async function carryOut(works: readonly Work[], directory: UnitDirectory): Promise<readonly Outcome[]> {
  const removed = works.flatMap((w) => ('owner' in w ? [w.owner] : []));
  const desired = works.flatMap((w) => ('desired' in w ? [w.desired] : []));
  const changes = [
    ...(removed.length > 0 ? [await directory.remove(removed)] : []),
    ...(desired.length > 0 ? [await directory.apply(desired)] : []),
  ];
  return works.map((work) => ({ work, changes }));
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
 * Tells systemd of the changes: what is new is shown to it, if that can be done; otherwise it reads everything anew. At
 * first it may be behind the files: an earlier process may have been killed between its files and its reload, and a gate
 * starts without the units that systemd hasn't heard of. A reload that fails is still due.
 */
function createAnnouncement(manager: ServiceManager, learner: UnitLearner | undefined) {
  let isBehind = true;
  return async (changes: readonly UnitDirectoryChange[]): Promise<void> => {
    const told = changes.filter((change) => change.reloadNeeded);
    if (!isBehind && told.length === 0) return;
    if (!isBehind && (await learner?.learn(told))) return;
    isBehind = true;
    await manager.reload();
    isBehind = false;
  };
}

async function flush(
  works: readonly Work[],
  directory: UnitDirectory,
  announce: ReturnType<typeof createAnnouncement>,
): Promise<void> {
  try {
    const outcomes = await carryOut(works, directory).catch(() => separately(works, directory));
    await announce([...new Set(outcomes.flatMap((o) => o.changes))]);
    for (const { work, changes } of outcomes) work.resolve(changes.some((c) => c.changed.length > 0));
  } catch (error) {
    for (const { reject } of works) reject(error);
  }
}

/** A batch over the unit directory. While one batch is written the next gathers. */
export function createHostBatch(options: {
  readonly directory: UnitDirectory;
  readonly serviceManager: ServiceManager;
  /** Without it every change of a unit is a reload. */
  readonly learner?: UnitLearner;
  readonly clock: Clock;
}): HostBatch {
  const { directory, clock } = options;
  const announce = createAnnouncement(options.serviceManager, options.learner);
  let batch: Work[] = [];
  let running: Promise<void> = Promise.resolve();
  const begin = (): void => {
    running = running.then(() => {
      const taken = batch;
      batch = [];
      return flush(taken, directory, announce);
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
