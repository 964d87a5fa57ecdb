import type { Duplex } from 'node:stream';

/** A container as libpod lists it. Times are ms since the epoch, 0 when never. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  /** Name of the podman pod; '' when none. */
  readonly pod: string;
  readonly isInfra: boolean;
  readonly image: string;
  readonly imageId: string;
  /** `created`, `initialized`, `running`, `stopping`, `stopped`, `exited`, `paused`, `removing`. */
  readonly state: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly exitedAt: number;
  readonly exitCode: number;
  readonly labels: { readonly [name: string]: string };
  /** OCI runtime that runs it, `crun`; only an inspection tells. */
  readonly runtime?: string;
}

/** An image in local storage. */
export interface ImageFacts {
  readonly id: string;
  /** `repo@sha256:…` entries. */
  readonly repoDigests: readonly string[];
  readonly repoTags: readonly string[];
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly sizeBytes: number;
}

/** A podman event, reduced to what re-gathering needs. A hint, never a fact. */
export interface PodmanEvent {
  readonly type: 'container' | 'pod' | 'image' | 'other';
  /** `start`, `died`, `remove`, `pull`, `auto-update`, … */
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
}

/** A running exec or attach session. */
export interface ProcessSession {
  /** stdin in; with a tty raw output out; without, Docker's 8-byte-framed multiplex out. */
  readonly stream: Duplex;
  readonly tty: boolean;
  resize(size: { readonly width: number; readonly height: number }): Promise<void>;
  /** Exit status; waits for the end. */
  exitCode(): Promise<number>;
}

/** Options of an exec. */
export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** What a container may use; -1 is no limit. */
export interface ContainerLimits {
  readonly cpuShares: number;
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  readonly memoryBytes: number;
}

/**
 * Podman through its libpod API. Two implementations: `libpod.ts` (dockerode) and `fake-podman.ts`; both pass
 * `podman.conformance.ts`. Rejects with `PodmanError` (HTTP status and podman's own cause).
 */
export interface Podman {
  version(): Promise<string>;
  /** The CIDRs of a network's subnets; undefined when there is no such network. */
  networkSubnets(name: string): Promise<readonly string[] | undefined>;
  /** All containers, running or not, whose labels include the given ones. */
  listContainers(labels: { readonly [name: string]: string }): Promise<readonly ContainerFacts[]>;
  /** One container by name or id; undefined when there is none. */
  inspectContainer(nameOrId: string): Promise<ContainerFacts | undefined>;
  /** Undefined when the image isn't in local storage. */
  inspectImage(reference: string): Promise<ImageFacts | undefined>;
  /** Small files of an image by its id, as text; '' for one that it doesn't have. Links aren't followed. */
  readImageFiles(id: string, paths: readonly string[]): Promise<readonly string[]>;
  listImages(): Promise<readonly ImageFacts[]>;
  /** Pulls; resolves with the image id. `auth` is the content of an X-Registry-Auth entry. */
  pullImage(
    reference: string,
    options?: {
      readonly auth?: { readonly username: string; readonly password: string };
      readonly signal?: AbortSignal;
    },
  ): Promise<string>;
  /**
   * Takes an image out of local storage, all its names with it. False where a container uses it, or it isn't there.
   */
  deleteImage(id: string): Promise<boolean>;
  /** Takes a container away that doesn't run. False where it does, or isn't there. */
  deleteContainer(id: string): Promise<boolean>;
  /** Takes a pod away with all of its containers, running or not. Absent pods are fine. */
  deletePod(nameOrId: string): Promise<void>;
  /** Bytes that a container has written into its own layer; undefined where there is no such container. */
  layerSize(nameOrId: string): Promise<number | undefined>;
  /** The folder that has images and layers. */
  storageRoot(): Promise<string>;
  exec(container: string, options: ExecOptions): Promise<ProcessSession>;
  attach(container: string, options: { readonly tty: boolean; readonly stdin: boolean }): Promise<ProcessSession>;
  /** Changes what a running container may use; nothing is remembered for its next start. */
  updateContainer(nameOrId: string, limits: ContainerLimits): Promise<void>;
  /** Stops with the container's stop signal, then SIGKILL after `timeoutSeconds`. Absent containers are fine. */
  stopContainer(nameOrId: string, timeoutSeconds: number): Promise<void>;
  /** Calls `listener` for each event until aborted; reconnects by itself and then sends a synthetic event of type `other`.
   * Resolves when the watch is in place; without Podman after the first attempt, and that event follows once it is there. */
  watch(listener: (event: PodmanEvent) => void, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Podman refused or could not be reached. `status` is 0 when there was no answer. */
export class PodmanError extends Error {
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PodmanError';
    this.status = status;
  }
}
