import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { DesiredFiles, UnitDirectory, UnitDirectoryChange } from '../../systemd/unit-directory.ts';
import type { Translation } from '../../translators/host-file.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import { podSlice } from '../../translators/units/pod-slice.ts';
import type { ContainerFacts, Podman } from '../host/podman.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { Pod } from '../kinds/types.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import type { Log } from './controller.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import type { HostFacts } from './host-facts.ts';
import { nameOf, uidOf } from './meta.ts';
import type { PodProbeResults, ProbeNews, ProbeReader } from './pod-status/facts.ts';
import type { PodTranslator } from './pod-units.ts';
import { createResources, type Resources } from './resources.ts';
import { type Controllers, type ControllersOptions, startControllers } from './start-controllers.ts';

/** A service manager whose units can be made by hand. */
export interface UnitMaker extends ServiceManager {
  define(unit: { readonly name: string }): void;
  undefine(name: string): void;
}

/** A podman whose containers can be made by hand. */
export interface ContainerMaker extends Podman {
  setContainer(facts: Partial<ContainerFacts> & { readonly name: string }): ContainerFacts;
  removeContainer(name: string): void;
}

/** A machine in memory with all controllers on it. */
export interface FakeHouse<S extends UnitMaker = UnitMaker, P extends ContainerMaker = ContainerMaker> {
  readonly registry: FakeRegistry;
  readonly resources: Resources;
  readonly clock: FakeClock;
  readonly serviceManager: S;
  readonly podman: P;
  readonly unitDirectory: FakeUnitDirectory;
  readonly probes: FakeProbes;
  readonly warnings: readonly object[];
  /** Starts the controllers (again); those of before are stopped. */
  start(more?: Partial<ControllersOptions>): Controllers;
  stop(): void;
  /** Lets time pass in steps (5 ms) until the condition holds; throws after 12 000 of them. */
  until(condition: () => boolean, what: string, stepMs?: number): Promise<void>;
  /** Lets everything settle without time passing beyond what batches need. */
  settle(): Promise<void>;
}

/** Unit files in memory; what is applied becomes units of the fake service manager. */
export interface FakeUnitDirectory extends UnitDirectory {
  readonly owners: ReadonlyMap<string, DesiredFiles>;
}

/** Probe results by hand. */
export interface FakeProbes extends ProbeReader {
  set(uid: string, results: PodProbeResults): void;
}

const FACTS: HostFacts = {
  hostname: 'host',
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.12',
  osImage: 'Debian GNU/Linux 13 (trixie)',
  architecture: 'amd64',
  cpus: 2,
  memoryBytes: 4 * 2 ** 30,
  storageBytes: 20 * 2 ** 30,
  addresses: ['192.0.2.10'],
  podmanVersion: '5.4.2',
};

function changeOf(files: DesiredFiles | undefined): UnitDirectoryChange {
  const changed = (files?.files ?? []).map(({ root, path }) => `${root}/${path}`);
  return { changed, reloadNeeded: changed.length > 0, onlyNew: false, onlyGone: false };
}

function createFakeUnitDirectory(manager: UnitMaker): FakeUnitDirectory {
  const owners = new Map<string, DesiredFiles>();
  const define = (desired: DesiredFiles): void => {
    const units = desired.files.map(({ content }) => JSON.parse(String(content)) as { readonly name: string });
    for (const unit of units) manager.define(unit);
  };
  const undefine = (desired: DesiredFiles | undefined): void => {
    for (const { content } of desired?.files ?? [])
      manager.undefine((JSON.parse(String(content)) as { name: string }).name);
  };
  const apply = (desired: DesiredFiles): ReturnType<typeof changeOf> => {
    // Volumes only: no unit changes.
    if (desired.within !== undefined) return changeOf(undefined);
    if (JSON.stringify(owners.get(desired.owner)) === JSON.stringify(desired)) return changeOf(undefined);
    owners.set(desired.owner, desired);
    define(desired);
    return changeOf(desired);
  };
  const remove = (owner: string): ReturnType<typeof changeOf> => {
    const removed = owners.get(owner);
    owners.delete(owner);
    undefine(removed);
    return changeOf(removed);
  };
  const together = (changes: readonly ReturnType<typeof changeOf>[]): ReturnType<typeof changeOf> => ({
    changed: changes.flatMap((c) => c.changed),
    reloadNeeded: changes.some((c) => c.reloadNeeded),
    onlyNew: false,
    onlyGone: false,
  });
  return {
    owners,
    apply: async (desired) => together(desired.map(apply)),
    remove: async (removed) => together(removed.map(remove)),
    list: async () =>
      [...owners.values()].flatMap(({ owner, files }) => files.map(({ root, path }) => ({ root, path, owner }))),
  };
}

/** Units as the fake service manager reads them; `Wants=` isn't among what it knows, `Requires=` will do. */
function fakeTranslation(pod: Pod): Translation {
  const names = podUnitNames(pod);
  const restart = { Always: 'always', OnFailure: 'on-failure', Never: 'no' }[pod.spec?.restartPolicy ?? 'Always'];
  const slice = podSlice(pod);
  const members = [names.podService, ...names.containers.map((c) => c.service)];
  const file = (root: 'quadlet' | 'unit', path: string, unit: object): Translation['files'][number] => ({
    root,
    path,
    content: JSON.stringify({ ...unit, image: pod.spec?.containers[0]?.image }),
    mode: 0o644,
  });
  return {
    files: [
      file('quadlet', names.podFile, { name: names.podService, partOf: [names.gate], slice }),
      ...names.containers.map(({ file: path, service, role }) =>
        file('quadlet', path, {
          name: service,
          slice,
          partOf: [names.gate],
          ...(role === 'init' ? { type: 'oneshot', remainAfterExit: true } : { restart, restartUsec: 10_000_000 }),
        }),
      ),
      file('unit', names.gate, { name: names.gate, type: 'oneshot', remainAfterExit: true, requires: members }),
    ],
    directories: [],
    links: [],
    diagnostics: pod.spec?.hostPID ? [{ severity: 'refused', field: 'spec.hostPID', message: 'not supported' }] : [],
  };
}

function createFakeProbes(): FakeProbes {
  const results = new Map<string, PodProbeResults>();
  const listeners = new Set<(uid: string, news: ProbeNews) => void>();
  return {
    read: async (uid) => results.get(uid),
    watch: (listener, { signal }) => {
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    set(uid, next) {
      results.set(uid, next);
      for (const listener of listeners) listener(uid, { hasTurned: true });
    },
  };
}

/** Podman runs what systemd runs: containers follow their units. */
function mirrorContainers(resources: Resources, manager: UnitMaker, podman: ContainerMaker): void {
  const sync = async (): Promise<void> => {
    for (const pod of resources.pods.list()) {
      for (const { service, podmanName, container } of podUnitNames(pod).containers) {
        const unit = await manager.get(service);
        const known = await podman.inspectContainer(podmanName);
        const id = unit.invocationId;
        if (unit.mainPid === 0 && known) podman.removeContainer(podmanName);
        if (unit.mainPid === 0 || known?.id === id) continue;
        const labels = { 'io.kubernetes.pod.uid': uidOf(pod), 'io.kubernetes.container.name': container };
        podman.setContainer({ name: podmanName, id, labels, startedAt: unit.execMainStartTimestamp / 1000 });
      }
    }
  };
  let pending = false;
  const soon = (): void => {
    if (pending) return;
    pending = true;
    setImmediate(() => {
      pending = false;
      void sync();
    });
  };
  void manager.watch('qs-', soon, { signal: new AbortController().signal });
}

/** A machine without a pod. The fakes come from the caller. */
export function createFakeHouse<S extends UnitMaker, P extends ContainerMaker>(drivers: {
  readonly serviceManager: (now: () => number) => S;
  readonly podman: (now: () => number) => P;
}): FakeHouse<S, P> {
  const clock = createFakeClock();
  const registry = createFakeRegistry(catalogue, { clock: () => clock.now() });
  const resources = createResources(registry);
  const serviceManager = drivers.serviceManager(() => clock.now() * 1000);
  const podman = drivers.podman(() => clock.now());
  const unitDirectory = createFakeUnitDirectory(serviceManager);
  const probes = createFakeProbes();
  const warnings: object[] = [];
  let abort = new AbortController();
  const log: Log = { debug: () => {}, info: () => {}, warn: (f) => warnings.push(f), error: (f) => warnings.push(f) };
  const translate: PodTranslator = fakeTranslation;
  mirrorContainers(resources, serviceManager, podman);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    registry,
    resources,
    clock,
    serviceManager,
    podman,
    unitDirectory,
    probes,
    warnings,
    start(more) {
      abort.abort();
      abort = new AbortController();
      const config = { nodeName: 'host', podCidrs: ['10.42.0.0/16'], version: 'v1.36.4+quadshift', caPem: 'PEM' };
      const hostFacts = { read: async () => FACTS };
      const { signal } = abort;
      const drivers = { serviceManager, podman, unitDirectory, hostFacts, probes, translate };
      return startControllers({ registry, ...drivers, config, clock, log, signal, ...more });
    },
    stop: () => abort.abort(),
    async until(condition, what, stepMs = 5) {
      for (let steps = 0; !condition(); steps++) {
        if (steps > 12_000) {
          const pods = resources.pods.list().map((p) => `${nameOf(p)} ${JSON.stringify(p.status)}`);
          throw new Error(`never: ${what}\n${pods.join('\n')}\n${warnings.map((w) => JSON.stringify(w)).join('\n')}`);
        }
        await turn();
        clock.advance(stepMs);
      }
    },
    async settle() {
      for (let i = 0; i < 40; i++) {
        await turn();
        clock.advance(1);
      }
    },
  };
}
