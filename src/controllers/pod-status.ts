import type { ServiceManager } from '../../systemd/service-manager.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import { podSlice } from '../../translators/units/pod-slice.ts';
import type { Podman, PodmanEvent } from '../host/podman.ts';
import type { Node, Pod, PodStatus } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Clock } from './clock.ts';
import type { Controller, Log, ObjectChange } from './controller.ts';
import type { EventRecorder } from './events.ts';
import type { EvictionBoard } from './eviction/boards.ts';
import { controllerOf, objectKey, splitKey, uidOf } from './meta.ts';
import { paced } from './pacing.ts';
import { createPodIndex, type PodIndex } from './pod-index.ts';
import type { ContainerObservation, PodObservation, ProbeReader, RunReader, RunRecord } from './pod-status/facts.ts';
import { createHostView, type HostView } from './pod-status/host-view.ts';
import { mapPodStatus } from './pod-status/map-pod-status.ts';
import { currentBases, parseRestartBases, RESTARTS_ANNOTATION, type RestartBases } from './pod-status/restart-count.ts';
import { statusEvents } from './pod-status/status-events.ts';
import type { WaitingBoard } from './pod-waiting.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface PodStatusOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeName: string;
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly probes: ProbeReader;
  readonly waiting: WaitingBoard;
  readonly evictions: EvictionBoard;
  readonly runs?: RunReader;
  /** The host's address now; '' while it has none. */
  readonly hostIps: () => readonly string[];
}

/**
 * systemd and Podman tell of one start of a pod in some fifty hints; a look costs both of them and us, on the processors that
 * the start needs. What says that the pod is ready, or no longer is, doesn't wait: the prober, or the gate where nothing is
 * probed.
 */
const HINT_PACE_MS = 200;

interface Reader extends PodStatusOptions {
  readonly view: HostView;
  /** By uid what was written last: hearing of one's own write is no reason to look again. */
  readonly written: Map<string, PodStatus | undefined>;
  readonly imageName: (id: string) => Promise<string | undefined>;
  /** Ids of the containers that were started last, by podman's name: those that have ended are gone. */
  readonly lastIds: Map<string, string>;
  /** By uid and container the last incident that was told. */
  readonly told: Map<string, string>;
  /** When we began, ms since the epoch. */
  readonly since: number;
}

function whatIsLeft(
  record: RunRecord | undefined,
  lastId: string | undefined,
): Pick<ContainerObservation, 'end' | 'lastId' | 'restarts'> {
  const restarts = record?.restarts === undefined ? {} : { restarts: record.restarts };
  return { ...restarts, ...(record?.end ? { end: record.end } : {}), ...(lastId === undefined ? {} : { lastId }) };
}

/** Tells what units' scripts want told, once. What was there before us has been told, or nobody cares any more. */
function tellIncidents(pod: Pod, runs: { readonly [container: string]: RunRecord }, reader: Reader): void {
  for (const [container, { incident }] of Object.entries(runs)) {
    const key = `${uidOf(pod)}/${container}`;
    if (incident === undefined || reader.told.get(key) === incident.at) continue;
    reader.told.set(key, incident.at);
    if (Number(incident.at) / 1_000_000 < reader.since) continue;
    const { reason, message } = incident;
    const fieldPath = `spec.containers{${container}}`;
    reader.recorder.record(pod, { type: 'Warning', reason, message, component: 'kubelet', fieldPath });
  }
}

/** `repo@digest` of image ids; asked once per id, as an id never changes its content. */
function imageNames(podman: Podman): (id: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (id) => {
    const name = known.get(id) ?? (await podman.inspectImage(id).catch(() => undefined))?.repoDigests[0];
    if (name !== undefined) known.set(id, name);
    return name;
  };
}

/** Runs of timers end with the time of their Job, too. */
function hasDeadline(pod: Pod): boolean {
  return Boolean(pod.spec?.activeDeadlineSeconds) || controllerOf(pod)?.kind === 'Job';
}

async function gather(pod: Pod, reader: Reader): Promise<PodObservation> {
  const uid = uidOf(pod);
  const names = podUnitNames(pod);
  const units = [names.gate, names.podService, ...names.containers.map((c) => c.service)];
  const [host, probes] = await Promise.all([
    reader.view.read({ uid, slice: podSlice(pod), units }),
    reader.probes.read(uid),
  ]);
  // After the units: what they have done is written down by then.
  const runs = await reader.runs?.read(uid);
  const containers = names.containers.map(({ container, service, podmanName }) => {
    const found = host.containers.find((c) => c.name === podmanName);
    const observed = {
      unit: host.units.get(service),
      container: found,
      probe: probes?.containers[container],
      waiting: reader.waiting.get(uid, container),
      ...whatIsLeft(runs?.[container], reader.lastIds.get(podmanName)),
    };
    return [container, observed] as const;
  });
  tellIncidents(pod, runs ?? {}, reader);
  const ids = [...new Set(containers.flatMap(([, { container }]) => (container ? [container.imageId] : [])))];
  const named = await Promise.all(ids.map(async (id) => [id, await reader.imageName(id)] as const));
  return {
    gate: host.units.get(names.gate),
    infra: host.units.get(names.podService),
    containers: Object.fromEntries(containers),
    imageNames: Object.fromEntries(named.filter((pair): pair is [string, string] => pair[1] !== undefined)),
    hostIps: reader.hostIps(),
    isOverdue: hasDeadline(pod) && (await reader.runs?.isOverdue(uid)),
    eviction: reader.evictions.get(uid),
  };
}

function withBases(pod: Pod, bases: RestartBases | undefined): Pod {
  if (bases === undefined || semanticEqual(bases, parseRestartBases(pod))) return pod;
  const annotations = { ...pod.metadata?.annotations, [RESTARTS_ANNOTATION]: JSON.stringify(bases) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** The pod with its status as the host says; undefined when nothing changes. Bases and counts change in one write. */
function mapped(pod: Pod, observation: PodObservation, now: number): Pod | undefined {
  const bases = currentBases(pod, observation.infra);
  const status = mapPodStatus(pod, { observation, bases, now });
  const next = withBases(pod, bases);
  return next === pod && semanticEqual(status, pod.status) ? undefined : { ...next, status };
}

async function reconcile(key: string, reader: Reader): Promise<undefined> {
  const { resources, recorder, clock, nodeName } = reader;
  const { namespace, name } = splitKey(key);
  const pod = resources.pods.find(namespace, name);
  if (pod?.spec?.nodeName !== nodeName || isPodFinished(pod)) return undefined;
  const observation = await gather(pod, reader);
  const now = clock.now();
  let before = pod.status;
  const change = (current: Pod): Pod | undefined => {
    before = current.status;
    const next = mapped(current, observation, now);
    if (next !== undefined) reader.written.set(uidOf(pod), next.status);
    return next;
  };
  const written = await resources.pods.modify(pod, change, 'status');
  if (written === undefined) return undefined;
  for (const happening of statusEvents(written, before, written.status)) recorder.record(written, happening);
  return undefined;
}

/** Whether a change is nothing but what was just written here. */
function isOwnWrite({ type, entry, previous }: ObjectChange, written: Reader['written']): boolean {
  const [now, before] = [entry.object as Pod, previous?.object as Pod | undefined];
  if (type !== 'MODIFIED' || now.metadata?.generation !== before?.metadata?.generation) return false;
  if (now.metadata?.deletionTimestamp !== before?.metadata?.deletionTimestamp) return false;
  return written.has(uidOf(now)) && semanticEqual(now.status, written.get(uidOf(now)));
}

/** Whether a node has other addresses than before. */
function hasMoved({ entry, previous }: ObjectChange): boolean {
  const addresses = (object: KubernetesObject | undefined) => (object as Node | undefined)?.status?.addresses;
  return !semanticEqual(addresses(entry.object), addresses(previous?.object));
}

/** What happens to containers without changing what a status says: steps of a start, sessions, probes by exec. */
const UNTELLING: ReadonlySet<string> = new Set(
  'attach cleanup create exec exec_create exec_died exec_start init mount unmount'.split(' '),
);

/** The pod that a podman event is about; undefined when it is none of ours, or says nothing. */
function podOfEvent({ attributes, name, action }: PodmanEvent, index: PodIndex): string | undefined {
  if (UNTELLING.has(action)) return undefined;
  return index.keyOf(attributes['io.kubernetes.pod.uid'] ?? '') ?? index.keyOf(name);
}

function isProbed({ spec }: Pod): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return containers.some(
    ({ startupProbe, readinessProbe }) => startupProbe !== undefined || readinessProbe !== undefined,
  );
}

/** Whether the unit is a gate that tells of the pod's readiness. */
function isTellingGate(unit: string, key: string, pods: Resources['pods']): boolean {
  const { namespace, name } = splitKey(key);
  if (podUnitNames({ metadata: { namespace, name } }).gate !== unit) return false;
  const pod = pods.find(namespace, name);
  return pod !== undefined && !isProbed(pod);
}

interface Ways {
  readonly enqueue: (key: string) => void;
  /** In a moment, with whatever else is heard until then. */
  readonly hint: (key: string) => void;
}

function listen(reader: Reader, index: PodIndex, { enqueue, hint }: Ways, signal: AbortSignal): void {
  const { serviceManager, podman, probes, waiting, evictions, recorder, resources, log, view } = reader;
  const all = (): void => index.keys().forEach(hint);
  const hinted = (key: string | undefined): void => {
    if (key !== undefined) hint(key);
  };
  const one = (key: string | undefined): void => {
    if (key !== undefined) enqueue(key);
  };
  const lost = (driver: string) => (err: unknown) => {
    if (!signal.aborted) log.error({ driver, err }, 'hints lost');
  };
  const onUnit = (unit: string): void => {
    view.changed(unit);
    const key = index.keyOf(unit);
    if (unit === '') all();
    else if (key !== undefined && isTellingGate(unit, key, resources.pods)) enqueue(key);
    else hinted(key);
  };
  serviceManager.watch('qs-', onUnit, { signal }).catch(lost('systemd'));
  const onPodman = (event: PodmanEvent): void => {
    if (event.action === 'init' && index.keyOf(event.name) !== undefined) reader.lastIds.set(event.name, event.id);
    if (event.type === 'other') all();
    else hinted(podOfEvent(event, index));
  };
  podman.watch(onPodman, { signal }).catch(lost('podman'));
  for (const board of [waiting, evictions]) {
    const unsubscribe = board.subscribe((uid) => one(index.keyOf(uid)));
    signal.addEventListener('abort', unsubscribe, { once: true });
  }
  probes.watch(
    (uid, { hasTurned, incident }) => {
      const key = index.keyOf(uid);
      if (hasTurned) one(key);
      else hinted(key);
      if (key === undefined || incident === undefined) return;
      const { container, ...happening } = incident;
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      const fieldPath = `spec.containers{${container}}`;
      if (pod !== undefined) recorder.record(pod, { ...happening, component: 'kubelet', fieldPath });
    },
    { signal },
  );
}

/** A pod whose start is only just being prepared: systemd and Podman have nothing to tell of it. */
function isBeginning({ metadata, spec, status }: Pod): boolean {
  // A deadline counts from the first look.
  const isUrgent = metadata?.deletionTimestamp !== undefined || spec?.activeDeadlineSeconds !== undefined;
  return status?.containerStatuses === undefined && !isUrgent;
}

function forget(pod: Pod, { written, lastIds, told, evictions }: Reader): void {
  written.delete(uidOf(pod));
  evictions.delete(uidOf(pod));
  for (const { podmanName, container } of podUnitNames(pod).containers) {
    lastIds.delete(podmanName);
    told.delete(`${uidOf(pod)}/${container}`);
  }
}

/**
 * The node agent's read side: units, containers and probe results of each pod bound here become its status. Signals of
 * systemd and podman say when to look; what is written comes from what was read.
 */
export function podStatus(options: PodStatusOptions): Controller {
  const index = createPodIndex(options.nodeName);
  const view = createHostView(options.serviceManager, options.podman, options.clock);
  const written: Reader['written'] = new Map();
  let enqueue = (_key: string): void => undefined;
  const hint = paced((key) => enqueue(key), { clock: options.clock, ms: HINT_PACE_MS });
  const reader: Reader = {
    ...options,
    view,
    written,
    imageName: imageNames(options.podman),
    lastIds: new Map(),
    told: new Map(),
    since: options.clock.now(),
  };
  return {
    name: 'pod-status',
    // All pods of a machine at once: what they ask of podman is then one listing.
    concurrency: 1000,
    inputs: [
      {
        resource: '/pods',
        keys: (change) => {
          index.observe(change);
          const pod = change.entry.object as Pod;
          if (change.type === 'DELETED') forget(pod, reader);
          if (change.type === 'DELETED' || isOwnWrite(change, written)) return [];
          if (!isBeginning(pod)) return [objectKey(pod)];
          hint(objectKey(pod));
          return [];
        },
      },
      // The host's address stands in every pod's status.
      { resource: '/nodes', keys: (change) => (hasMoved(change) ? index.keys() : []) },
    ],
    outputs: [
      { what: '/pods#status', mode: 'exclusive' },
      { what: `/pods#metadata.annotations.${RESTARTS_ANNOTATION}`, mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    hints: (wake, signal) => {
      enqueue = wake;
      listen(reader, index, { enqueue: wake, hint }, signal);
    },
    reconcile: (key) => reconcile(key, reader),
  };
}
