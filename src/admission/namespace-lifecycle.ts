import type { KubernetesObject } from '../machinery/object.ts';
import { forbidden, notFound, StatusError } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';

const IMMORTAL: readonly string[] = ['default', 'kube-system', 'kube-public'];

function isTerminating(namespace: KubernetesObject): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined;
}

function refuseTerminating(request: AdmissionRequest): StatusError {
  const { kind, key } = request;
  const why = `unable to create new content in namespace ${key.namespace} because it is being terminated`;
  const { status } = forbidden({ group: kind.group, resource: kind.plural, name: key.name }, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${key.namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}

function refuseCreate(request: AdmissionRequest, lookup: AdmissionLookup): StatusError | undefined {
  const name = request.key.namespace;
  if (request.operation !== 'CREATE' || !request.kind.namespaced) return undefined;
  const namespace = lookup.get('/namespaces', { namespace: '', name });
  if (namespace === undefined) return notFound({ group: '', resource: 'namespaces', name });
  return isTerminating(namespace) ? refuseTerminating(request) : undefined;
}

/** Content needs a namespace that exists and stays; three namespaces can't be deleted. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  mutate: (request, lookup) => refuseCreate(request, lookup) ?? request.object,
  validate: (request) => {
    const { operation, key } = request;
    if (operation !== 'DELETE' || !isAbout(request, '/namespaces') || !IMMORTAL.includes(key.name)) return undefined;
    return forbidden({ group: '', resource: 'namespaces', name: key.name }, 'this namespace may not be deleted');
  },
};
