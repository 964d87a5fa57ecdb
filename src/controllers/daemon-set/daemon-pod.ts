import type { DaemonSet, Node, Pod, Toleration } from '../../kinds/types.ts';
import { controllerReference, nameOf } from '../meta.ts';
import { nodeMatches } from '../workloads/node-affinity.ts';
import { podFromTemplate } from '../workloads/pod-from-template.ts';
import { isRepelled } from '../workloads/taints.ts';

/** How DaemonSets stand in their pods' owner references. */
export const DAEMON_SET_TYPE = { apiVersion: 'apps/v1', kind: 'DaemonSet' };
/** Label of pods and revisions: the hash of the template. */
export const HASH_LABEL = 'controller-revision-hash';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;

function tolerationsFor(hostNetwork: boolean): readonly Toleration[] {
  const of = (effect: string, ...conditions: readonly string[]): readonly Toleration[] =>
    conditions.map((condition) => ({ key: `node.kubernetes.io/${condition}`, operator: 'Exists', effect }));
  const network = hostNetwork ? ['network-unavailable'] : [];
  return [
    ...of('NoExecute', 'not-ready', 'unreachable'),
    ...of('NoSchedule', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable', ...network),
  ];
}

/** What daemons tolerate beyond their template: troubles of the node don't drive them away. */
function withTolerations(given: readonly Toleration[], hostNetwork: boolean): readonly Toleration[] {
  const added = tolerationsFor(hostNetwork);
  const isAdded = (t: Toleration): boolean =>
    added.some((a) => a.key === t.key && a.operator === t.operator && a.effect === t.effect && !t.value);
  return [...given.filter((t) => !isAdded(t)), ...added];
}

/** The affinity that ties a pod to one node, instead of what its template requires. */
function tiedTo(affinity: Affinity | undefined, nodeName: string): Affinity {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }];
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms };
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution },
  };
}

/** The DaemonSet's pod for a node. */
export function daemonPod(set: DaemonSet, nodeName: string, hash: string): Pod {
  const pod = podFromTemplate(set, set.spec?.template, controllerReference(set, DAEMON_SET_TYPE));
  const { spec } = pod;
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, [HASH_LABEL]: hash } },
    spec: spec && {
      ...spec,
      affinity: tiedTo(spec.affinity, nodeName),
      tolerations: withTolerations(spec.tolerations ?? [], spec.hostNetwork === true),
    },
  };
}

/** The node that a pod of a DaemonSet is on or is meant for; '' when that can't be told. */
export function targetNode(pod: Pod): string {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = (required?.nodeSelectorTerms ?? []).flatMap((term) => term.matchFields ?? []);
  return fields.find((field) => field.key === 'metadata.name')?.values?.[0] ?? '';
}

/** Whether a node shall get the DaemonSet's pod, and whether one that is there may stay. */
export interface Placement {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** Judges a node by name, selector, affinity and taints, as upstream's nodeShouldRunDaemonPod. Pure. */
export function placementOn(set: DaemonSet, node: Node): Placement {
  const spec = set.spec?.template.spec;
  const named = spec?.nodeName;
  const pod: Pod = {
    spec: spec && { ...spec, tolerations: withTolerations(spec.tolerations ?? [], spec.hostNetwork === true) },
  };
  if ((named && named !== nameOf(node)) || !nodeMatches(pod, node)) return { shouldRun: false, mayStay: false };
  if (!isRepelled(pod, node, ['NoSchedule', 'NoExecute'])) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: !isRepelled(pod, node, ['NoExecute']) };
}
