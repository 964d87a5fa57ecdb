/** What differs between a pod and a template of pods. */
export interface PodSpecDefaultOptions {
  /** Pods alone get service links, host ports on the host's network, and requests from limits. */
  readonly isPod: boolean;
}
