import type { Pod, PodTemplateSpec } from '../../kinds/types.ts';
import type { KubernetesObject, OwnerReference } from '../../machinery/object.ts';
import { nameOf, namespaceOf } from '../meta.ts';

/** The prefix of pods' names: `<owner>-`, as upstream's GetPodsPrefix. */
function namePrefix(owner: KubernetesObject): string {
  return `${nameOf(owner)}-`;
}

/** A pod as a workload controller makes it from its template; the registry completes the name. */
export function podFromTemplate(
  owner: KubernetesObject,
  template: PodTemplateSpec | undefined,
  reference: OwnerReference,
): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: namePrefix(owner),
      namespace: namespaceOf(owner),
      labels,
      annotations,
      finalizers,
      ownerReferences: [reference],
    },
    spec: template?.spec,
  };
}
