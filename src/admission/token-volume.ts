import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../kinds/types.ts';
import { hashObject } from '../machinery/deep.ts';

/** Where containers find their ServiceAccount's token. */
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';

/** Seconds that a token is asked for; upstream tells by the odd seven that nobody asked for exactly that. */
const TOKEN_LIFE_SECONDS = 3607;

/**
 * The pod's spec with the API server's credentials mounted into each container that has nothing there, unless the pod
 * or else its account says no (`automountServiceAccountToken`).
 */
export function withTokenVolume(pod: Pod, account: ServiceAccount | undefined): PodSpec | undefined {
  const { spec } = pod;
  const isWanted = spec?.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  if (spec === undefined || !isWanted || everyContainer(spec).every(hasMount)) return spec;
  const present = spec.volumes?.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = present?.name ?? volumeName(pod);
  const withMount = (container: Container): Container =>
    hasMount(container)
      ? container
      : {
          ...container,
          volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }],
        };
  return {
    ...spec,
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(withMount) } : {}),
    ...(spec.containers ? { containers: spec.containers.map(withMount) } : {}),
    volumes: present ? spec.volumes : [...(spec.volumes ?? []), tokenVolume(name)],
  };
}

function everyContainer(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

function hasMount({ volumeMounts = [] }: Container): boolean {
  return volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH);
}

/** Upstream's names end at random; ours in what the pod is called, as admission has no chance in it. */
function volumeName({ metadata }: Pod): string {
  return VOLUME_PREFIX + hashObject([metadata?.namespace, metadata?.name]).padStart(5, 'x').slice(-5);
}

function tokenVolume(name: string): Volume {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_LIFE_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
      ],
    },
  };
}
