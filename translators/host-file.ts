/** Where a generated file lives; the real folders are in `HostPaths` of the driver that writes. */
export type HostRoot =
  /** Quadlet source units: `/etc/containers/systemd/quadshift`. */
  | 'quadlet'
  /** Plain units: `/etc/systemd/system`. */
  | 'unit'
  /** Persistent state beside the units: `/var/lib/quadshift`. */
  | 'state'
  /** State that may not lie readable on disk: on tmpfs below `/run/quadshift`, and encrypted in the state root. */
  | 'sealed';

/** One file that the machine shall have. `path` is relative to the root and never leaves it. */
export interface HostFile {
  readonly root: HostRoot;
  readonly path: string;
  /** Text, written as UTF-8, or bytes. */
  readonly content: string | Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Numeric owner and group; root's unless given. */
  readonly user?: number;
  readonly group?: number;
}

/** A folder that shall exist (created when absent, never emptied while its owner lives). */
export interface HostDirectory {
  readonly root: HostRoot;
  readonly path: string;
  readonly mode: number;
}

/** A symbolic link below a root, e.g. `multi-user.target.wants/qs-….service` → `../qs-….service`. */
export interface HostLink {
  readonly root: HostRoot;
  readonly path: string;
  readonly target: string;
}

/** Something the translator could not do as asked. Reaches the user as a Warning header and an Event. */
export interface Diagnostic {
  /**
   * `refused`: the object must not run. `approximated`: it runs, differently, as the message says. `blocked`: it is in
   * order, and waits for something that isn't here. `unstartable`: what it is made of now keeps a container from starting,
   * which nobody could know when it was applied.
   */
  readonly severity: 'refused' | 'approximated' | 'blocked' | 'unstartable';
  /** Path in the manifest, `spec.hostPID`; the container's name for `unstartable`. */
  readonly field: string;
  readonly message: string;
}

/** What a translator returns: the complete set of host files for one object. */
export interface Translation {
  readonly files: readonly HostFile[];
  readonly directories: readonly HostDirectory[];
  readonly links: readonly HostLink[];
  readonly diagnostics: readonly Diagnostic[];
}
