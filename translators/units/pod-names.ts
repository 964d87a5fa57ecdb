import type { Pod } from '../../src/kinds/types.ts';

/** Unit names of one pod, with their suffixes. */
export interface PodUnitNames {
  /** Stem shared by all, `qs-shop-web-5d9c-x2x7p`; at most 200 characters, hashed when cut. */
  readonly stem: string;
  /** Source file of the infra unit: `<stem>.pod`; its service is `<stem>-pod.service`. */
  readonly podFile: string;
  readonly podService: string;
  /** The gate, `<stem>.service`. */
  readonly gate: string;
  /** Podman's name of the pod. */
  readonly podmanPod: string;
  /** Per container (init ones too): source file, service, and podman's container name. */
  readonly containers: readonly ContainerUnitNames[];
}

/** Names of one container of a pod. */
export interface ContainerUnitNames {
  readonly container: string;
  readonly role: 'init' | 'sidecar' | 'app';
  readonly file: string;
  readonly service: string;
  readonly podmanName: string;
}

/** Names of everything that the pod becomes on the host: a pure function of namespace, name, uid and containers. */
export declare function podUnitNames(pod: Pod): PodUnitNames;
