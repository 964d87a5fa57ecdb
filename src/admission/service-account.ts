import type { Pod, PodSpec, ServiceAccount } from '../kinds/types.ts';
import { forbidden, type StatusError } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';
import { withTokenVolume } from './token-volume.ts';

const DEFAULT = 'default';

function find(lookup: AdmissionLookup, namespace: string, name: string): ServiceAccount | undefined {
  return lookup.get('/serviceaccounts', { namespace, name }) as ServiceAccount | undefined;
}

/** A namespace's accounts are made after it; until its `default` is there, nobody is judged. */
function refuse(request: AdmissionRequest, lookup: AdmissionLookup, name: string): StatusError | undefined {
  const { namespace } = request.key;
  if (find(lookup, namespace, DEFAULT) === undefined || find(lookup, namespace, name) !== undefined) return undefined;
  const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
  return forbidden({ group: '', resource: 'pods', name: request.key.name }, why);
}

function pullSecretsOf(spec: PodSpec | undefined, account: ServiceAccount | undefined): Partial<PodSpec> {
  const secrets = account?.imagePullSecrets ?? [];
  return (spec?.imagePullSecrets ?? []).length > 0 || secrets.length === 0 ? {} : { imagePullSecrets: secrets };
}

function mutate(request: AdmissionRequest, lookup: AdmissionLookup): Pod | StatusError {
  const pod = request.object as Pod;
  const name = pod.spec?.serviceAccountName || DEFAULT;
  const refusal = refuse(request, lookup, name);
  if (refusal !== undefined) return refusal;
  const account = find(lookup, request.key.namespace, name);
  const named = { serviceAccountName: name, serviceAccount: name, ...pullSecretsOf(pod.spec, account) };
  const spec = { ...withTokenVolume(pod, account), ...named };
  return { ...pod, spec: spec as PodSpec };
}

/**
 * Pods get their ServiceAccount: `default` unless they name one, which must exist; its pull secrets, and a volume with
 * its token.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate: (request, lookup) =>
    request.operation === 'CREATE' && isAbout(request, '/pods') ? mutate(request, lookup) : request.object,
};
