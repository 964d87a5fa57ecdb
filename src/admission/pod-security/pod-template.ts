import type { PodTemplateSpec, Sparse } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { AdmissionRequest } from '../plugin.ts';
import type { PodShape } from './check.ts';

type Template = Sparse<PodTemplateSpec>;
interface Workload extends KubernetesObject {
  readonly template?: Template;
  readonly spec?: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
  };
}

const READERS: { readonly [resource: string]: (object: Workload) => Template | undefined } = {
  '/podtemplates': (object) => object.template,
  'batch/cronjobs': (object) => object.spec?.jobTemplate?.spec?.template,
  ...Object.fromEntries(
    [
      '/replicationcontrollers',
      'apps/daemonsets',
      'apps/deployments',
      'apps/replicasets',
      'apps/statefulsets',
      'batch/jobs',
    ].map((resource) => [resource, (object: Workload) => object.spec?.template]),
  ),
};

/** The pod that an object makes copies of; undefined where it makes none. */
export function templateOf({ kind, object }: AdmissionRequest): PodShape | undefined {
  const resource = `${kind.group}/${kind.plural}`;
  const template = Object.hasOwn(READERS, resource) ? READERS[resource]?.(object) : undefined;
  return template?.spec === undefined
    ? undefined
    : { metadata: template.metadata as PodShape['metadata'], spec: template.spec };
}
