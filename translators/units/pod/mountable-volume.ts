/** A volume as the containers mount it. */
export interface MountableVolume {
  readonly name: string;
  /** Absolute folder or file on the host. */
  readonly source: string;
  /** It is ours to label for SELinux. */
  readonly isOwn: boolean;
  /** Containers may not write to it: its contents are ours, or the pod says so. */
  readonly isReadOnly: boolean;
  /** A device node: for `volumeDevices`, not for `volumeMounts`. */
  readonly isDevice?: boolean;
  /** An image; `source` is its reference. */
  readonly isImage?: boolean;
}
