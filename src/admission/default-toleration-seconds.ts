import type { Pod, PodSpec } from '../kinds/types.ts';
import { type AdmissionPlugin, isAbout } from './plugin.ts';

type Toleration = NonNullable<PodSpec['tolerations']>[number];

const SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function tolerates(tolerations: readonly Toleration[], key: string): boolean {
  return tolerations.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute'));
}

function withDefaults(pod: Pod): Pod {
  const given = pod.spec?.tolerations ?? [];
  const added = KEYS.filter((key) => !tolerates(given, key)).map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: SECONDS,
  }));
  if (added.length === 0) return pod;
  return { ...pod, spec: { ...pod.spec, tolerations: [...given, ...added] } as PodSpec };
}

/** Pods bear a node that is not ready or unreachable for five minutes unless they say otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate: (request) =>
    request.operation !== 'DELETE' && isAbout(request, '/pods') ? withDefaults(request.object as Pod) : request.object,
};
