import type { UnitDirectory } from '../../../systemd/unit-directory.ts';

type Entry = Awaited<ReturnType<UnitDirectory['list']>>[number];

/** A pod that has files on this machine. */
export interface HostedPod {
  readonly uid: string;
  /** Its services: gate, infra and containers. */
  readonly units: readonly string[];
}

/** The service that a file stands for; undefined for one that is none. */
function unitOf({ root, path }: Entry): string | undefined {
  if (root === 'quadlet' && path.endsWith('.container')) return path.replace(/\.container$/, '.service');
  if (root === 'quadlet' && path.endsWith('.pod')) return path.replace(/\.pod$/, '__pod.service');
  return root === 'unit' && /^qs-[^/]*\.service$/.test(path) ? path : undefined;
}

function marksPod({ root, path }: Entry): boolean {
  return (
    (root === 'quadlet' && /\.(pod|container)$/.test(path)) ||
    ((root === 'state' || root === 'sealed') && path.startsWith('pods/'))
  );
}

/** The pods among the owners of files. Pure. */
export function hostedPods(entries: readonly Entry[]): readonly HostedPod[] {
  const owners = new Set(entries.filter(marksPod).map((e) => e.owner));
  owners.delete('');
  const units = new Map([...owners].map((uid) => [uid, [] as string[]] as const));
  for (const entry of entries) {
    const unit = unitOf(entry);
    if (unit !== undefined) units.get(entry.owner)?.push(unit);
  }
  return [...units].map(([uid, own]) => ({ uid, units: own }));
}

/** Which pods have files here. A cache of the disk: read once, then kept by our own writes, as nobody else writes. */
export interface Inventory {
  refresh(): Promise<void>;
  all(): readonly HostedPod[];
  get(uid: string): HostedPod | undefined;
  /** Owners of a unit of this name. */
  owning(unit: string): readonly HostedPod[];
  set(pod: HostedPod): void;
  delete(uid: string): void;
}

/** An inventory that knows nothing until `refresh`. */
export function createInventory(directory: UnitDirectory): Inventory {
  const pods = new Map<string, HostedPod>();
  const owners = new Map<string, Set<string>>();
  const remove = (uid: string): void => {
    for (const unit of pods.get(uid)?.units ?? []) {
      owners.get(unit)?.delete(uid);
      if (owners.get(unit)?.size === 0) owners.delete(unit);
    }
    pods.delete(uid);
  };
  const put = (pod: HostedPod): void => {
    remove(pod.uid);
    pods.set(pod.uid, pod);
    for (const unit of pod.units) owners.set(unit, (owners.get(unit) ?? new Set<string>()).add(pod.uid));
  };
  return {
    async refresh() {
      const found = hostedPods(await directory.list());
      for (const uid of [...pods.keys()]) remove(uid);
      for (const pod of found) put(pod);
    },
    all: () => [...pods.values()],
    get: (uid) => pods.get(uid),
    owning: (unit) => [...(owners.get(unit) ?? [])].flatMap((uid) => pods.get(uid) ?? []),
    set: put,
    delete: remove,
  };
}
