/** The three probes of Kubernetes. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** Startup first: until it succeeds the others wait. */
export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
