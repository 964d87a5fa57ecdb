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
  return [...owners].map((uid) => {
    const units = entries.filter((e) => e.owner === uid).map(unitOf);
    return { uid, units: units.filter((u) => u !== undefined) };
  });
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
  return {
    async refresh() {
      const found = hostedPods(await directory.list());
      pods.clear();
      for (const pod of found) pods.set(pod.uid, pod);
    },
    all: () => [...pods.values()],
    get: (uid) => pods.get(uid),
    owning: (unit) => [...pods.values()].filter((pod) => pod.units.includes(unit)),
    set: (pod) => void pods.set(pod.uid, pod),
    delete: (uid) => void pods.delete(uid),
  };
}
