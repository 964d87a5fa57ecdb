import type { ContainerFacts, ImageFacts, PodmanEvent } from './podman.ts';

/** A row of `GET /libpod/containers/json`, as far as we read it. */
export interface ContainerRow {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly PodName?: string;
  readonly IsInfra?: boolean;
  readonly Image?: string;
  readonly ImageID?: string;
  readonly State?: string;
  readonly Pid?: number;
  /** Seconds. */
  readonly StartedAt?: number;
  readonly ExitedAt?: number;
  readonly ExitCode?: number;
  readonly Labels?: Labels | null;
}

/** `GET /libpod/containers/{name}/json`, as far as we read it. */
export interface ContainerInspection {
  readonly Id: string;
  readonly Name: string;
  /** The pod's id. */
  readonly Pod?: string;
  readonly IsInfra?: boolean;
  readonly Image?: string;
  readonly ImageName?: string;
  readonly State?: {
    readonly Status?: string;
    readonly Pid?: number;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
    readonly ExitCode?: number;
  };
  readonly OCIRuntime?: string;
  readonly Config?: { readonly Labels?: Labels | null };
}

/** `GET /libpod/images/{name}/json`, and a row of `GET /libpod/images/json`, which has no Config. */
export interface ImageInspection {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
  readonly RepoTags?: readonly string[] | null;
  readonly User?: string;
  readonly Size?: number;
  readonly Config?: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
  } | null;
}

/** A line of `GET /libpod/events`. */
export interface EventLine {
  readonly Type?: string;
  readonly Action?: string;
  readonly status?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Labels | null };
}

interface Labels {
  readonly [name: string]: string;
}

/** A listed container as facts. */
export function containerFactsOfRow(row: ContainerRow): ContainerFacts {
  return {
    id: row.Id,
    name: row.Names?.[0] ?? '',
    pod: row.PodName ?? '',
    isInfra: row.IsInfra ?? false,
    image: row.Image ?? '',
    imageId: row.ImageID ?? '',
    state: row.State ?? '',
    pid: row.Pid ?? 0,
    startedAt: sinceEpoch((row.StartedAt ?? 0) * 1_000),
    exitedAt: sinceEpoch((row.ExitedAt ?? 0) * 1_000),
    exitCode: row.ExitCode ?? 0,
    labels: row.Labels ?? {},
  };
}

/** An inspected container as facts; its inspection knows the pod's id only, so the name comes beside it. */
export function containerFactsOfInspection(inspection: ContainerInspection, podName: string): ContainerFacts {
  const { State: state = {} } = inspection;
  return {
    id: inspection.Id,
    name: inspection.Name,
    pod: podName,
    isInfra: inspection.IsInfra ?? false,
    image: inspection.ImageName ?? '',
    imageId: inspection.Image ?? '',
    state: state.Status ?? '',
    pid: state.Pid ?? 0,
    startedAt: sinceEpoch(Date.parse(state.StartedAt ?? '')),
    exitedAt: sinceEpoch(Date.parse(state.FinishedAt ?? '')),
    exitCode: state.ExitCode ?? 0,
    labels: inspection.Config?.Labels ?? {},
    runtime: inspection.OCIRuntime ?? '',
  };
}

/** An image as facts. */
export function imageFactsOf(image: ImageInspection): ImageFacts {
  return {
    id: image.Id,
    repoDigests: image.RepoDigests ?? [],
    repoTags: image.RepoTags ?? [],
    user: image.Config?.User ?? image.User ?? '',
    entrypoint: image.Config?.Entrypoint ?? [],
    cmd: image.Config?.Cmd ?? [],
    sizeBytes: image.Size ?? 0,
  };
}

/** An event line as an event. */
export function podmanEventOf(line: EventLine): PodmanEvent {
  const attributes = line.Actor?.Attributes ?? {};
  return {
    type: eventTypeOf(line.Type),
    action: line.Action ?? line.status ?? '',
    id: line.Actor?.ID ?? '',
    name: attributes['name'] ?? '',
    attributes,
  };
}

function eventTypeOf(type: string | undefined): PodmanEvent['type'] {
  return type === 'container' || type === 'pod' || type === 'image' ? type : 'other';
}

/** Go's zero time lies in the year 1; "never" is 0 here. */
const sinceEpoch = (milliseconds: number): number => Math.max(milliseconds || 0, 0);
