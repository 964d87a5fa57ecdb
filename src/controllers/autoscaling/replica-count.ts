import type { Container, Pod } from '../../kinds/types.ts';
import { type Parsed, parsed, unparsable } from '../../machinery/parsed.ts';
import { parseQuantity, quantityToMilli } from '../../machinery/quantity.ts';
import { timeOf } from '../clock.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { podCondition } from '../workloads/pod-facts.ts';
import type { Sample } from './samples.ts';

/** A young pod's processor time says nothing. */
const CPU_INITIALIZATION_MS = 300_000;
/** A pod that was never ready within this time of its start isn't yet. */
const INITIAL_READINESS_MS = 30_000;

/** How far a ratio of use to target may be from 1 without a change. */
export interface Tolerances {
  readonly down: number;
  readonly up: number;
}

/** The pods that are to be scaled, and what they use. */
export interface CountInput {
  readonly pods: readonly Pod[];
  readonly samples: ReadonlyMap<string, Sample>;
  readonly resource: string;
  /** One container's use alone. */
  readonly container?: string;
  readonly current: number;
  readonly tolerances: Tolerances;
  /** ms since the epoch. */
  readonly now: number;
}

/** What shall be used: a percentage of the requests, or a value per pod in thousandths. */
export type CountTarget =
  | { readonly type: 'utilization'; readonly percent: number }
  | { readonly type: 'value'; readonly milli: number };

/** How many pods that makes, and what is used now. */
export interface Count {
  readonly replicas: number;
  /** Percent of the requests. */
  readonly utilization: number | undefined;
  /** Thousandths per pod. */
  readonly average: number;
}

type Values = ReadonlyMap<string, number>;

interface Groups {
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/** Whether what a pod uses of the processor is no measure of its work yet. */
function isWarmingUp(pod: Pod, sample: Sample, now: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const started = pod.status?.startTime;
  if (ready === undefined || started === undefined) return true;
  const changedAt = timeOf(ready.lastTransitionTime);
  if (timeOf(started) + CPU_INITIALIZATION_MS > now) {
    return ready.status === 'False' || sample.at < changedAt + sample.windowMs;
  }
  return ready.status === 'False' && timeOf(started) + INITIAL_READINESS_MS > changedAt;
}

function groupOf(pod: Pod, { samples, resource, now }: CountInput): keyof Groups {
  if (isDeleting(pod) || pod.status?.phase === 'Failed') return 'ignored';
  if (pod.status?.phase === 'Pending') return 'unready';
  const sample = samples.get(nameOf(pod));
  if (sample === undefined) return 'missing';
  return resource === 'cpu' && isWarmingUp(pod, sample, now) ? 'unready' : 'ready';
}

function groupPods(input: CountInput): Groups {
  const names = (group: keyof Groups): readonly string[] =>
    input.pods.filter((pod) => groupOf(pod, input) === group).map(nameOf);
  return {
    ready: names('ready').length,
    unready: names('unready'),
    missing: names('missing'),
    ignored: names('ignored'),
  };
}

function milli(quantity: string): number {
  const found = parseQuantity(quantity);
  return found.ok ? quantityToMilli(found.value) : 0;
}

function requestOf(pod: Pod, { container, resource }: CountInput): Parsed<number> {
  const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';
  const podLevel = pod.spec?.resources?.requests?.[resource];
  if (container === undefined && podLevel !== undefined) return parsed(milli(podLevel));
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter(isSidecar)];
  let sum = 0;
  for (const { name, resources } of all.filter((one) => container === undefined || one.name === container)) {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      return unparsable(`missing request for ${resource} in container ${name} of Pod ${nameOf(pod)}`);
    }
    sum += milli(request);
  }
  return parsed(sum);
}

function requestsOf(input: CountInput): Parsed<Values> {
  const requests = new Map<string, number>();
  for (const pod of input.pods) {
    const request = requestOf(pod, input);
    if (!request.ok) return request;
    requests.set(nameOf(pod), request.value);
  }
  return parsed(requests);
}

/** How values compare with the target, and what a pod without one is taken for when the others use little. */
interface Measure {
  readonly ratio: (values: Values) => Parsed<Omit<Count, 'replicas'> & { readonly ratio: number }>;
  readonly whenLow: (pod: string) => number;
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

function byUtilization(requests: Values, percent: number): Measure {
  return {
    ratio: (values) => {
      const known = [...values].filter(([pod]) => requests.has(pod));
      const used = sumOf(known.map(([, value]) => value));
      const requested = sumOf(known.map(([pod]) => requests.get(pod) ?? 0));
      if (requested === 0) return unparsable('no metrics returned matched known pods');
      const utilization = Math.trunc((used * 100) / requested);
      return parsed({ ratio: utilization / percent, utilization, average: Math.trunc(used / known.length) });
    },
    whenLow: (pod) => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, percent)) / 100),
  };
}

function byValue(target: number): Measure {
  return {
    ratio: (values) => {
      const average = Math.trunc(sumOf(values.values()) / values.size);
      return parsed({ ratio: average / target, utilization: undefined, average });
    },
    whenLow: () => target,
  };
}

function measureFor(input: CountInput, target: CountTarget): Parsed<Measure> {
  if (target.type === 'value') return parsed(byValue(target.milli));
  const requests = requestsOf(input);
  return requests.ok ? parsed(byUtilization(requests.value, target.percent)) : requests;
}

/** The values with those of pods that have none, on the safe side. */
function completed(values: Values, groups: Groups, measure: Measure, ratio: number): Values {
  const all = new Map(values);
  for (const pod of ratio === 1 ? [] : groups.missing) all.set(pod, ratio < 1 ? measure.whenLow(pod) : 0);
  for (const pod of ratio > 1 ? groups.unready : []) all.set(pod, 0);
  return all;
}

function isWithin(ratio: number, { down, up }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** How many pods a corrected ratio asks for: never a change in the direction opposite to what is used. */
function corrected(input: CountInput, ratio: number, { again, count }: { again: number; count: number }): number {
  const { current, tolerances } = input;
  const turns = (ratio < 1 && again > 1) || (ratio > 1 && again < 1);
  if (isWithin(again, tolerances) || turns) return current;
  const replicas = Math.ceil(again * count);
  return (again < 1 && replicas > current) || (again > 1 && replicas < current) ? current : replicas;
}

/** How many pods the use of a resource asks for, as upstream's calculator. Pure; messages are upstream's. */
export function countReplicas(input: CountInput, target: CountTarget): Parsed<Count> {
  const { pods, samples, current, tolerances } = input;
  if (pods.length === 0) return unparsable('no pods returned by selector while calculating replica count');
  const groups = groupPods(input);
  const left = new Set([...groups.unready, ...groups.ignored]);
  const values = new Map([...samples].filter(([pod]) => !left.has(pod)).map(([pod, { value }]) => [pod, value]));
  if (values.size === 0) {
    return unparsable('did not receive metrics for targeted pods (pods might be unready)');
  }
  const measure = measureFor(input, target);
  if (!measure.ok) return measure;
  const found = measure.value.ratio(values);
  if (!found.ok) return found;
  const { ratio, ...use } = found.value;
  const isSettled = groups.missing.length === 0 && !(groups.unready.length > 0 && ratio > 1);
  if (isSettled) {
    return parsed({ ...use, replicas: isWithin(ratio, tolerances) ? current : Math.ceil(ratio * groups.ready) });
  }
  const all = completed(values, groups, measure.value, ratio);
  const again = measure.value.ratio(all);
  if (!again.ok) return again;
  return parsed({ ...use, replicas: corrected(input, ratio, { again: again.value.ratio, count: all.size }) });
}
