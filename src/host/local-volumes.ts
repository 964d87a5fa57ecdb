/** A folder that a volume's data is in: below a root, by a name that says whose it is. */
export interface VolumePlace {
  /** Absolute. */
  readonly root: string;
  readonly name: string;
}

/** Whether a volume's size is held, or why it can't be. */
export type SizeLimit = { readonly enforced: true } | { readonly enforced: false; readonly why: string };

/**
 * Folders for volumes. Whatever is interrupted leaves a trace, so that nothing is forgotten: what was begun and never
 * used is found by `begun`, what was to be deleted is finished by `sweep`.
 */
export interface LocalVolumes {
  /** Makes an empty folder that any user in a container may write to, durably; its absolute path. There already is fine. */
  begin(place: VolumePlace): Promise<string>;
  /** Somebody knows of the folder now. */
  finish(place: VolumePlace): Promise<void>;
  /** Names of the folders that were begun and not finished. */
  begun(root: string): Promise<readonly string[]>;
  /** Takes back what was begun; a folder that isn't empty stays. */
  abandon(place: VolumePlace): Promise<void>;
  /** Deletes the folder and all in it. One that is gone is fine. */
  remove(place: VolumePlace): Promise<void>;
  /** Finishes what `remove` was interrupted in. */
  sweep(root: string): Promise<void>;
  /** Bytes that may be in the folder, where the file system can hold it to that. */
  limit(place: VolumePlace, bytes: number): Promise<SizeLimit>;
}
