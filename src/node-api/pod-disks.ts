import { join } from 'node:path';
import type { Journal } from '../../systemd/journal.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { Podman } from '../host/podman.ts';
import type { Pod } from '../kinds/types.ts';
import { parseTime } from '../machinery/time.ts';

/** What a volume takes on disk. */
export interface VolumeDisk {
  readonly name: string;
  readonly bytes: number;
  readonly inodes: number;
}

/** What a container takes beside: its writable layer, and its log. */
export interface LayerDisk {
  readonly name: string;
  readonly layerBytes: number;
  readonly logBytes: number;
}

/** Measures what pods have on disk. Nothing is measured unless somebody asks. */
export interface PodDisks {
  /** Volumes that go with the pod and are not in memory: emptyDir, ConfigMaps, the downward API. */
  volumes(pod: Pod): Promise<readonly VolumeDisk[]>;
  /** Its containers that are there now. */
  containers(pod: Pod): Promise<readonly LayerDisk[]>;
}

/** What measuring takes. */
export interface PodDisksOptions {
  readonly podman: Pick<Podman, 'layerSize'>;
  readonly journal: Journal;
  /** The folder that has `pods/<uid>`. */
  readonly state: string;
  readonly measureFolder: (path: string) => Promise<{ readonly bytes: number; readonly inodes: number }>;
}

/** The folder of a volume's kind below `pods/<uid>/volumes`; undefined for what is elsewhere, or in memory. */
function kindOf(volume: NonNullable<NonNullable<Pod['spec']>['volumes']>[number]): string | undefined {
  if (volume.emptyDir !== undefined) return volume.emptyDir.medium === 'Memory' ? undefined : 'empty-dir';
  if (volume.configMap !== undefined) return 'config-map';
  return volume.downwardAPI === undefined ? undefined : 'downward-api';
}

/** How far a container's log was read. */
interface LogMark {
  /** Just after the last entry that was counted, µs. */
  readonly until: number;
  readonly bytes: number;
}

/** Marks of so many containers are kept; of one without a mark the whole log is read. */
const MOST_MARKS = 2048;

/** Disks of this machine's pods. Of a log only what is new is read at each question. */
export function createPodDisks({ podman, journal, state, measureFolder }: PodDisksOptions): PodDisks {
  const marks = new Map<string, LogMark>();
  const countLog = async (name: string, created: number): Promise<number> => {
    const mark = marks.get(name);
    const from: LogMark = mark !== undefined && mark.until >= created ? mark : { until: created, bytes: 0 };
    let { until, bytes } = from;
    const query = { matches: [`CONTAINER_NAME=${name}`], since: from.until, fields: ['CONTAINER_NAME'] };
    for await (const entry of journal.read(query)) {
      until = entry.realtime + 1;
      bytes += entry.message.length + 1;
    }
    marks.delete(name);
    marks.set(name, { until, bytes });
    const [oldest] = marks.keys();
    if (marks.size > MOST_MARKS && oldest !== undefined) marks.delete(oldest);
    return bytes;
  };
  return {
    volumes: (pod) =>
      Promise.all(
        (pod.spec?.volumes ?? []).flatMap((volume) => {
          const kind = kindOf(volume);
          if (kind === undefined) return [];
          const path = join(state, 'pods', pod.metadata?.uid ?? '', 'volumes', kind, volume.name);
          return [measureFolder(path).then((size) => ({ name: volume.name, ...size }))];
        }),
      ),
    containers: async (pod) => {
      const created = (parseTime(pod.metadata?.creationTimestamp ?? '') ?? 0) * 1000;
      const measured = podUnitNames(pod).containers.map(async ({ container, podmanName }) => {
        const layerBytes = await podman.layerSize(podmanName);
        if (layerBytes === undefined) return [];
        return [{ name: container, layerBytes, logBytes: await countLog(podmanName, created) }];
      });
      return (await Promise.all(measured)).flat();
    },
  };
}
