import type { ServiceManager, UnitState } from '../../../systemd/service-manager.ts';
import type { Clock } from '../clock.ts';

/** For so long a unit is believed to be as it was when nothing is heard of it. */
const LONGEST_MS = 60_000;

/**
 * States of units, read again only after something was heard of them: systemd tells of each step. Units at rest aren't
 * remembered: it drops them from its memory without a word, and the next of that name may be another pod's.
 */
export interface UnitMemory {
  /** As `ServiceManager.peek`. */
  peek(unit: string): Promise<UnitState | undefined>;
  /** This unit may have changed; '' for all. */
  forget(unit: string): void;
}

interface Known {
  readonly state: UnitState;
  readonly readAt: number;
}

interface Reading {
  readonly state: Promise<UnitState | undefined>;
  /** Something was heard of the unit meanwhile. */
  isOutdated: boolean;
}

/** Nothing is known yet. */
export function createUnitMemory(manager: Pick<ServiceManager, 'peek'>, clock: Pick<Clock, 'elapsed'>): UnitMemory {
  const known = new Map<string, Known>();
  const readings = new Map<string, Reading>();

  const read = (unit: string): Promise<UnitState | undefined> => {
    const readAt = clock.elapsed();
    const reading: Reading = { state: manager.peek(unit), isOutdated: false };
    readings.set(unit, reading);
    const settled = (state?: UnitState): void => {
      if (readings.get(unit) === reading) readings.delete(unit);
      if (state !== undefined && state.activeState !== 'inactive' && !reading.isOutdated)
        known.set(unit, { state, readAt });
    };
    reading.state.then(settled, () => settled());
    return reading.state;
  };

  const outdate = (reading: Reading | undefined): void => {
    if (reading !== undefined) reading.isOutdated = true;
  };

  return {
    peek: async (unit) => {
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
