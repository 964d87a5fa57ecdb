import { isDns1123Label } from '../machinery/names.ts';
import { podSpecWarnings } from './pod-spec/pod-spec-warnings.ts';
import type { Draft, Pod } from './types.ts';

/** What upstream warns about on a pod's creation: its name as a host name, and its spec. */
export function podWarnings(pod: Draft<Pod>, old: Draft<Pod> | undefined): readonly string[] {
  const name = pod.metadata?.name ?? '';
  const wrong = old || name === '' ? [] : isDns1123Label(name);
  const hostname = wrong.map(
    (message) =>
      `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${message}]`,
  );
  return [...hostname, ...podSpecWarnings(pod.spec ?? {}, 'spec')];
}
