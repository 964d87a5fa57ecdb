import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from '../../kinds/types.ts';
import { controllerReference, nameOf, namespaceOf } from '../meta.ts';
import { podFromTemplate } from '../workloads/pod-from-template.ts';

/** How StatefulSets stand in owner references. */
export const STATEFUL_SET_TYPE = { apiVersion: 'apps/v1', kind: 'StatefulSet' };
/** Label of pods: the name of the revision that they are of. */
export const REVISION_LABEL = 'controller-revision-hash';
/** Label of revisions: their hash. */
export const HASH_LABEL = 'controller.kubernetes.io/hash';
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The first ordinal. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0;
}

/** The pod's ordinal by its name; undefined when the name isn't one of the set's. */
export function ordinalOf(pod: Pod, set: StatefulSet): number | undefined {
  const match = /^(.*)-(\d{1,9})$/.exec(nameOf(pod));
  return match?.[1] === nameOf(set) ? Number(match[2]) : undefined;
}

/** Whether the ordinal is one that the set wants now. */
export function inRange(ordinal: number, set: StatefulSet): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + (set.spec?.replicas ?? 1);
}

/** The revision that the pod is of; '' when it doesn't say. */
export function podRevision(pod: Pod): string {
  return pod.metadata?.labels?.[REVISION_LABEL] ?? '';
}

/** The claims of the pod with this ordinal, made from the set's templates. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      name: `${metadata?.name}-${nameOf(set)}-${ordinal}`,
      namespace: namespaceOf(set),
      labels: { ...metadata?.labels, ...set.spec?.selector.matchLabels },
      annotations: metadata?.annotations,
    },
    spec,
  }));
}

function claimVolumes(set: StatefulSet, ordinal: number): readonly Volume[] {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  return claimsOf(set, ordinal).map((claim, i) => ({
    name: templates[i]?.metadata?.name ?? '',
    persistentVolumeClaim: { claimName: nameOf(claim) },
  }));
}

function identityLabels(name: string, ordinal: number): { readonly [key: string]: string } {
  return { [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: `${ordinal}` };
}

/** The pod with this ordinal, of a revision and its template. */
export function statefulPod(
  set: StatefulSet,
  ordinal: number,
  { revision, template }: { readonly revision: string; readonly template: PodTemplateSpec | undefined },
): Pod {
  const { metadata, spec, ...pod } = podFromTemplate(set, template, controllerReference(set, STATEFUL_SET_TYPE));
  const { generateName: _, ...rest } = metadata ?? {};
  const name = `${nameOf(set)}-${ordinal}`;
  const claimed = claimVolumes(set, ordinal);
  const others = (spec?.volumes ?? []).filter((volume) => !claimed.some((c) => c.name === volume.name));
  const labels = { ...rest.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision };
  const volumes = [...claimed, ...others];
  return {
    ...pod,
    metadata: { ...rest, name, labels },
    spec: spec && { ...spec, hostname: name, subdomain: set.spec?.serviceName || undefined, volumes },
  };
}

/** The pod with the labels of its identity; undefined when it has them. */
export function withIdentity(pod: Pod, ordinal: number): Pod | undefined {
  const wanted = identityLabels(nameOf(pod), ordinal);
  const labels = pod.metadata?.labels ?? {};
  if (Object.entries(wanted).every(([key, value]) => labels[key] === value)) return undefined;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...wanted } } };
}
