import type { Pod } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';
import { servicesAmong, slicesWith } from '../indexes.ts';
import { uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';
import { selects } from '../service-pods.ts';

/** Lets a pod that goes serve until nobody is sent to it any more. Resolves when its containers may be told to end. */
export type Drain = (pod: Pod, graceSeconds: number) => Promise<void>;

/** What draining goes by. */
export interface DrainOptions {
  readonly resources: Resources;
  readonly clock: Clock;
  /** Resolves when the kernel and the router send by what is stored now. */
  readonly settled: () => Promise<void>;
}

/** How often the endpoints are looked at. */
const LOOK_MS = 20;
/** What answers to requests that were on their way get. */
const LINGER_MS = 1000;
/** Most of the pod's grace that draining takes. */
const MOST_OF_GRACE = 0.5;

function isServed(pod: Pod, { resources }: DrainOptions): boolean {
  return servicesAmong(pod, resources.services).some((service) => selects(service, pod));
}

function isEndpoint(pod: Pod, { resources }: DrainOptions): boolean {
  return slicesWith(pod, resources.endpointSlices).some(({ endpoints }) =>
    endpoints?.some((one) => one.targetRef?.uid === uidOf(pod) && one.conditions?.ready !== false),
  );
}

/**
 * Drains pods behind Services: first the endpoints say that the pod goes, then the rules that are in force, then what
 * was on its way is answered. All of it within half of the pod's grace, as it is part of it.
 */
export function createDrain(options: DrainOptions): Drain {
  const { clock, settled } = options;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  return async (pod, graceSeconds) => {
    if (graceSeconds <= 0 || !isServed(pod, options)) return;
    const end = clock.elapsed() + graceSeconds * 1000 * MOST_OF_GRACE;
    while (isEndpoint(pod, options) && clock.elapsed() < end) await pause(LOOK_MS);
    await Promise.race([settled(), pause(Math.max(0, end - clock.elapsed()))]);
    await pause(Math.max(0, Math.min(LINGER_MS, end - clock.elapsed())));
  };
}
