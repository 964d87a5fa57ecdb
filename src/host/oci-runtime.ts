/** A command in a container that an OCI runtime runs. */
export interface OciCommand {
  /** Name of the runtime, as podman has it. */
  readonly runtime: string;
  readonly id: string;
  readonly command: readonly string[];
  /** Bytes of its output to keep. */
  readonly maxOutput: number;
}

/** How it ended. */
export interface OciOutcome {
  readonly status: number;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** OCI runtimes, asked past Podman. */
export interface OciRuntimes {
  /** Whether the runtime of this name can be asked. */
  knows(runtime: string): boolean;
  /**
   * Runs a command in a container. Rejects when the runtime could not start it, and with the signal's reason when time
   * is up; the command is killed then.
   */
  exec(command: OciCommand, signal: AbortSignal): Promise<OciOutcome>;
}
