/** Lays out containers' first starts, so that no unit has to start a process for it. */
export interface FirstStarts {
  /** Of these containers of a pod, those that have never started. Nothing waits for them but their units. */
  layOut(uid: string, containers: readonly string[]): void;
  /** The pod has gone. */
  forget(uid: string): void;
}
