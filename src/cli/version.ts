/** Version of this build; the release process sets it here and in package.json together (parity-tested). */
export const VERSION = '0.1.0';

/** The Kubernetes API level that is served, as `/version` reports it. */
export const KUBERNETES_VERSION = 'v1.36.4';
