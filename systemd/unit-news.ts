import type { BusSignal } from './bus.ts';

/**
 * Tells announcements that say something from those that don't: systemd announces a unit's properties, all of them, whenever
 * anything refers to it or stops to, and whenever its place in the queue changes. Two thirds of a pod's announcements are such.
 */
export interface UnitNews {
  /** Whether the signal may be about another state of the unit than the last one was. */
  isNews(unit: string, signal: BusSignal): boolean;
  /** Signals may have been missed. */
  forget(): void;
}

/** What is set anew with each step of a unit (org.freedesktop.systemd1(5)). */
const STEP = ['ActiveState', 'SubState', 'StateChangeTimestamp', 'InvocationID'] as const;

/** Nothing was heard yet. */
export function createUnitNews(): UnitNews {
  const last = new Map<string, string>();
  return {
    isNews: (unit, { member, body }) => {
      const properties = member === 'PropertiesChanged' ? (body[1] as Announced | undefined) : undefined;
      if (properties?.ActiveState === undefined) return true;
      const step = STEP.map((name) => String(properties[name])).join();
      const isNew = last.get(unit) !== step;
      // Units at rest may never be heard of again.
      if (properties.ActiveState === 'inactive') last.delete(unit);
      else last.set(unit, step);
      return isNew;
    },
    forget: () => last.clear(),
  };
}

type Announced = { readonly [name in (typeof STEP)[number]]?: unknown };
