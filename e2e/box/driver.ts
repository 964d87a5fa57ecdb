import type { BoxState } from './state.ts';

/** How a command in the box is run. */
export interface EnterOptions {
  /** Our standard streams are a terminal and the command should see one. */
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * One way to have a disposable host: made from the same packages and scripts, with systemd as its first process.
 * No method keeps anything in memory that another process would need.
 */
export interface BoxDriver {
  readonly kind: BoxState['driver'];
  /** Installs what this machine lacks and makes the root that boxes start from; cheap once that is done. */
  prepare(): Promise<void>;
  /** Makes the disk of a new box. */
  create(state: BoxState): Promise<void>;
  /** Starts a box that is off; resolves when its first process runs. */
  boot(state: BoxState): Promise<void>;
  isRunning(state: BoxState): Promise<boolean>;
  /** The command on this machine that runs a command in the box. */
  enter(state: BoxState, command: readonly string[], options?: EnterOptions): Promise<readonly string[]>;
  /** Resolves when a box that has been told to power off is off. */
  waitUntilOff(state: BoxState, timeoutMs: number): Promise<boolean>;
  /** Ends every process of the box at once; nothing gets to write another byte. */
  powerCut(state: BoxState): Promise<void>;
  /** Deletes what the driver made for the box, which is off. */
  remove(state: BoxState): Promise<void>;
  /** The address at which this machine reaches the box. */
  address(state: BoxState): Promise<string>;
  /** A path on this machine that shows a file of the box's root, copied if need be. */
  hostPath(state: BoxState, path: string): Promise<string>;
}
