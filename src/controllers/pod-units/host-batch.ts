import type { ServiceManager } from '../../../systemd/service-manager.ts';
import type { DesiredFiles, UnitDirectory, UnitDirectoryChange } from '../../../systemd/unit-directory.ts';
import type { Clock } from '../clock.ts';

/** How long the first write of a batch waits for company. */
const WINDOW_MS = 10;

/** Writes to the machine's files; writes close together share one daemon-reload. */
export interface HostBatch {
  /** Makes the disk hold these files of their owner; systemd knows them when this resolves. True when any changed. */
  apply(desired: DesiredFiles): Promise<boolean>;
  /** Deletes everything of an owner. */
  remove(owner: string): Promise<boolean>;
}

interface Work {
  readonly run: (directory: UnitDirectory) => Promise<UnitDirectoryChange>;
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

interface Outcome {
  readonly work: Work;
  readonly change: UnitDirectoryChange | undefined;
}

async function runOne(work: Work, directory: UnitDirectory): Promise<Outcome> {
  try {
    return { work, change: await work.run(directory) };
  } catch (error) {
    work.reject(error);
    return { work, change: undefined };
  }
}

async function flush(batch: readonly Work[], directory: UnitDirectory, manager: ServiceManager): Promise<void> {
  const outcomes = await Promise.all(batch.map((work) => runOne(work, directory)));
  try {
    if (outcomes.some(({ change }) => change?.reloadNeeded)) await manager.reload();
    for (const { work, change } of outcomes) if (change !== undefined) work.resolve(change.changed.length > 0);
  } catch (error) {
    for (const { work } of outcomes) work.reject(error);
  }
}

/** A batch over the unit directory. While one batch is written the next gathers. */
export function createHostBatch(options: {
  readonly directory: UnitDirectory;
  readonly serviceManager: ServiceManager;
  readonly clock: Clock;
}): HostBatch {
  const { directory, serviceManager, clock } = options;
  let batch: Work[] = [];
  let running: Promise<void> = Promise.resolve();
  const begin = (): void => {
    running = running.then(() => {
      const taken = batch;
      batch = [];
      return flush(taken, directory, serviceManager);
    });
  };
  const submit = (run: Work['run']): Promise<boolean> =>
    new Promise((resolve, reject) => {
      if (batch.length === 0) clock.after(WINDOW_MS, begin);
      batch.push({ run, resolve, reject });
    });
  return {
    apply: (desired) => submit((d) => d.apply([desired])),
    remove: (owner) => submit((d) => d.remove([owner])),
  };
}
