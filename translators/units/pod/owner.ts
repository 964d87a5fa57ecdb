import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { PodSite } from './site.ts';

/** The section that names a unit's owner; systemd and Quadlet pass over `X-` sections. */
export function ownerSettings({ pod, uid }: PodSite): readonly Setting[] {
  const values = {
    Kind: 'Pod',
    Namespace: pod.metadata?.namespace ?? '',
    Name: pod.metadata?.name ?? '',
    UID: uid,
    Generation: String(pod.metadata?.generation ?? 1),
  };
  return Object.entries(values).map(([key, value]) => ({ section: 'X-Kubernetes', key, value }));
}

/** The same as a line for files that have no sections. */
export function ownerComment(site: PodSite): string {
  return ownerSettings(site)
    .map(({ key, value }) => `${key}=${String(value)}`)
    .join(' ');
}

/** podman's labels for the pod and each of its containers. */
export function podLabels({ pod, uid, names }: PodSite): readonly string[] {
  return [
    `io.kubernetes.pod.name=${pod.metadata?.name ?? ''}`,
    `io.kubernetes.pod.namespace=${pod.metadata?.namespace ?? ''}`,
    `io.kubernetes.pod.uid=${uid}`,
    `quadshift.pod=${names.stem}`,
  ];
}
