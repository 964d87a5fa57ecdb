import type { BoxDriver } from './driver.ts';
import { engineDriver, engineWorks } from './engine.ts';
import { nspawnDriver } from './nspawn.ts';
import { hasCommand } from './process.ts';
import { step } from './progress.ts';
import type { BoxState } from './state.ts';

/** The driver that a box was made with. */
export function driverOf(kind: BoxState['driver']): BoxDriver {
  return kind === 'nspawn' ? nspawnDriver : engineDriver(kind);
}

/**
 * Picks and prepares the driver for a new box: a container engine where one answers, else systemd-nspawn.
 * An engine that can't build the image (no registry in reach, say) gives way to systemd-nspawn if we are root.
 * `QUADSHIFT_BOX_DRIVER` (nspawn, podman, docker) decides instead.
 */
export async function prepareDriver(): Promise<BoxDriver> {
  const asked = process.env['QUADSHIFT_BOX_DRIVER'];
  const driver = asked ? driverOf(checkedKind(asked)) : await workingEngine();
  try {
    if (driver) return await prepared(driver);
  } catch (error) {
    if (asked || process.getuid?.() !== 0) throw error;
    step(`${(error as Error).message}: using systemd-nspawn instead`);
  }
  return prepared(nspawnDriver);
}

async function prepared(driver: BoxDriver): Promise<BoxDriver> {
  await driver.prepare();
  return driver;
}

async function workingEngine(): Promise<BoxDriver | undefined> {
  for (const engine of ['podman', 'docker'] as const) {
    if ((await hasCommand(engine)) && (await engineWorks(engine))) return engineDriver(engine);
  }
  return undefined;
}

function checkedKind(text: string): BoxState['driver'] {
  if (text === 'nspawn' || text === 'podman' || text === 'docker') return text;
  throw new Error(`QUADSHIFT_BOX_DRIVER=${text}: nspawn, podman or docker`);
}
