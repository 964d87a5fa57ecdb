import type { LocalVolumes, SizeLimit, VolumePlace } from './local-volumes.ts';

/** Volumes in memory. */
export interface FakeLocalVolumes extends LocalVolumes {
  /** Absolute paths, with what is in them. */
  readonly folders: Map<string, string[]>;
  readonly limits: Map<string, number>;
}

/** No volume at first; `limit` answers as given. */
export function createFakeLocalVolumes(answer: SizeLimit = { enforced: true }): FakeLocalVolumes {
  const folders = new Map<string, string[]>();
  const limits = new Map<string, number>();
  const begun = new Map<string, VolumePlace>();
  const pathOf = ({ root, name }: VolumePlace): string => `${root}/${name}`;
  return {
    folders,
    limits,
    begin: async (place) => {
      begun.set(pathOf(place), place);
      if (!folders.has(pathOf(place))) folders.set(pathOf(place), []);
      return pathOf(place);
    },
    finish: async (place) => void begun.delete(pathOf(place)),
    begun: async (root) => [...begun.values()].filter((place) => place.root === root).map(({ name }) => name),
    abandon: async (place) => {
      if (folders.get(pathOf(place))?.length === 0) folders.delete(pathOf(place));
      begun.delete(pathOf(place));
    },
    remove: async (place) => void folders.delete(pathOf(place)),
    sweep: async () => {},
    limit: async (place, bytes) => {
      if (answer.enforced) limits.set(pathOf(place), bytes);
      return answer;
    },
  };
}
