/** Manifests that the e2e cases build on; images are those that the box's registry holds. */

/** What a case may say about a Deployment of the sample web server. */
export interface WebOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  readonly image?: string;
  /** Adds a second container that only has to stay up. */
  readonly sidecar?: boolean;
  readonly annotations?: { readonly [name: string]: string };
  readonly readiness?: object;
  readonly liveness?: object;
  /** Seconds from TERM to KILL; 2 unless given. Half of them are for those who are still sent to the pod. */
  readonly graceSeconds?: number;
}

/** A readiness probe of the sample web server that answers quickly. */
export const httpReadiness = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 2 };

/** The YAML (JSON is YAML) of a Deployment of the sample web server. */
export function webDeployment(options: WebOptions): string {
  const labels = { app: options.name };
  const web = {
    name: 'web',
    image: options.image ?? 'localhost:5000/hello:v1',
    ports: [{ containerPort: 8080 }],
    readinessProbe: options.readiness ?? httpReadiness,
    ...(options.liveness ? { livenessProbe: options.liveness } : {}),
  };
  const helper = {
    name: 'helper',
    image: 'localhost:5000/busybox:latest',
    command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
  };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: options.name, namespace: options.namespace ?? 'default' },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(options.annotations ? { annotations: options.annotations } : {}) },
        spec: {
          terminationGracePeriodSeconds: options.graceSeconds ?? 2,
          containers: options.sidecar ? [web, helper] : [web],
        },
      },
    },
  });
}

/** The YAML of a bare pod that runs one shell command in busybox. */
export function shellPod(name: string, script: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] }],
      ...spec,
    },
  });
}
