import type { ServiceManager, UnitState } from '../../../systemd/service-manager.ts';
import type { Clock } from '../clock.ts';

/** For so long a unit is believed to be as it was when nothing is heard of it. */
const LONGEST_MS = 60_000;

/** States of units, read again only after something was heard of them. */
export interface UnitMemory {
  /** As `ServiceManager.get`. */
  get(unit: string): Promise<UnitState>;
  /** This unit may have changed; '' for all. */
  forget(unit: string): void;
}

interface Known {
  readonly state: UnitState;
  readonly readAt: number;
}

interface Reading {
  readonly state: Promise<UnitState>;
  /** Something was heard of the unit meanwhile. */
  isOutdated: boolean;
}

/**
 * Only units that are up, or on their way, are remembered: systemd tells of each step of theirs, but of units at rest it
 * doesn't say that a reload has changed or removed them.
 */
function isTold({ loadState, activeState }: UnitState): boolean {
  return loadState === 'loaded' && activeState !== 'inactive' && activeState !== 'failed';
}

/** Nothing is known yet. */
export function createUnitMemory(manager: Pick<ServiceManager, 'get'>, clock: Pick<Clock, 'elapsed'>): UnitMemory {
  const known = new Map<string, Known>();
  const readings = new Map<string, Reading>();

  const read = (unit: string): Promise<UnitState> => {
    const readAt = clock.elapsed();
    const reading: Reading = { state: manager.get(unit), isOutdated: false };
    readings.set(unit, reading);
    const settled = (state?: UnitState): void => {
      if (readings.get(unit) === reading) readings.delete(unit);
      if (state !== undefined && !reading.isOutdated && isTold(state)) known.set(unit, { state, readAt });
    };
    reading.state.then(settled, () => settled());
    return reading.state;
  };

  const outdate = (reading: Reading | undefined): void => {
    if (reading !== undefined) reading.isOutdated = true;
  };

  return {
    get: async (unit) => {
      const last = known.get(unit);
      if (last !== undefined && clock.elapsed() - last.readAt < LONGEST_MS) return last.state;
      known.delete(unit);
      const reading = readings.get(unit);
      return reading === undefined || reading.isOutdated ? read(unit) : reading.state;
    },
    forget: (unit) => {
      if (unit === '') {
        known.clear();
        for (const reading of readings.values()) outdate(reading);
      } else {
        known.delete(unit);
        outdate(readings.get(unit));
      }
    },
  };
}
