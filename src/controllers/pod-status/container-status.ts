import type { Container, ContainerState, ContainerStatus, Pod } from '../../kinds/types.ts';
import { containerState, isSameInstance, lastState } from './container-state.ts';
import type { ContainerObservation, PodObservation } from './facts.ts';
import { ofThisLife, type RestartBases, restartCount } from './restart-count.ts';

/** What the statuses of a pod's containers are made of. */
export interface StatusInput {
  readonly pod: Pod;
  readonly observation: PodObservation;
  readonly bases: RestartBases | undefined;
}

type Role = 'init' | 'app' | 'ephemeral';

/** Where each role's statuses stand. */
const LIST = {
  init: 'initContainerStatuses',
  app: 'containerStatuses',
  ephemeral: 'ephemeralContainerStatuses',
} as const;

const NOTHING: ContainerObservation = { unit: undefined, container: undefined, probe: undefined, waiting: undefined };

function initialState(pod: Pod): ContainerState {
  const hasInit = (pod.spec?.initContainers ?? []).length > 0;
  return { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } };
}

/** A restartable init container: a sidecar. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** What the prober says about the present run; of an earlier run it says nothing good. */
function probed({ seen, gateIsActive }: Observed, field: 'ready' | 'started'): boolean {
  const { probe, unit } = seen;
  if (probe?.run !== undefined && probe.run !== unit?.invocationId) return false;
  return probe?.[field] ?? gateIsActive;
}

function isStarted(container: Container, state: ContainerState, input: Observed): boolean {
  if (state.running === undefined) return false;
  return container.startupProbe === undefined || probed(input, 'started');
}

interface Observed {
  readonly seen: ContainerObservation;
  readonly gateIsActive: boolean;
}

function isReady(container: Container, state: ContainerState, { role, ...input }: Observed & { role: Role }): boolean {
  if (role === 'ephemeral') return false;
  if (role === 'init' && !isSidecar(container)) return state.terminated?.exitCode === 0;
  if (!isStarted(container, state, input)) return false;
  return container.readinessProbe === undefined || probed(input, 'ready');
}

/** The id of the container that runs, or of the last one that is known to have run. */
function containerId(
  old: ContainerStatus | undefined,
  seen: ContainerObservation,
  state: ContainerState,
): string | undefined {
  const id = seen.container?.id ?? seen.lastId;
  if (id !== undefined) return `podman://${id}`;
  return state.running === undefined || isSameInstance(old, seen) ? old?.containerID : undefined;
}

function imageId(
  old: ContainerStatus | undefined,
  { container }: ContainerObservation,
  names: PodObservation['imageNames'],
): string {
  if (container === undefined) return old?.imageID ?? '';
  return (
    names[container.imageId] ?? (container.imageId === '' ? '' : `sha256:${container.imageId.replace(/^sha256:/, '')}`)
  );
}

/** Whether another instance runs than the one last seen running. */
function isNewInstance(old: ContainerStatus | undefined, seen: ContainerObservation, state: ContainerState): boolean {
  return old?.state?.running !== undefined && state.running !== undefined && !isSameInstance(old, seen);
}

function containerStatus(container: Container, role: Role, { pod, observation, bases }: StatusInput): ContainerStatus {
  const stored = pod.status?.[LIST[role]];
  const old = stored?.find((s) => s.name === container.name);
  const seen = observation.containers[container.name] ?? NOTHING;
  const isInit = role === 'init';
  const stateInput = { pod, name: container.name, observation: seen, old, isInit, initial: initialState(pod) };
  const state = containerState(stateInput);
  const observed = { seen, gateIsActive: observation.gate?.activeState === 'active' };
  const count = {
    old,
    base: bases?.bases[container.name] ?? 0,
    unit: ofThisLife(seen.unit, observation.infra),
    byRules: seen.restarts ?? 0,
    isNewInstance: isNewInstance(old, seen, state),
    isWaiting: state.running === undefined,
  };
  return {
    name: container.name,
    state,
    lastState: lastState(stateInput, state),
    ready: isReady(container, state, { ...observed, role }),
    restartCount: restartCount(count),
    image: seen.container?.image || old?.image || container.image || '',
    imageID: imageId(old, seen, observation.imageNames),
    containerID: containerId(old, seen, state),
    started: isStarted(container, state, observed),
    ...givenResources(container, role, old),
  };
}

/** What the container was given: at first what it asks for, and from then on what a resize has come to. */
function givenResources(
  { resources }: Container,
  role: Role,
  old: ContainerStatus | undefined,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  if (role === 'ephemeral') return {};
  if (old?.resources !== undefined) return { resources: old.resources, allocatedResources: old.allocatedResources };
  const { limits, requests } = resources ?? {};
  return { resources: { limits, requests }, allocatedResources: requests };
}

/** Statuses of the containers, in the order of the spec. Pure. */
export function containerStatuses(input: StatusInput): {
  readonly init: readonly ContainerStatus[];
  readonly app: readonly ContainerStatus[];
  readonly ephemeral: readonly ContainerStatus[];
} {
  return {
    init: (input.pod.spec?.initContainers ?? []).map((c) => containerStatus(c, 'init', input)),
    app: (input.pod.spec?.containers ?? []).map((c) => containerStatus(c, 'app', input)),
    ephemeral: (input.pod.spec?.ephemeralContainers ?? []).map((c) => containerStatus(c, 'ephemeral', input)),
  };
}
