import type { DecodeTypes } from '../machinery/protobuf/decode-message.ts';
import { createMessageSource, type Descriptor } from '../machinery/protobuf/descriptors.ts';
import { apiServiceDescriptors } from './protobuf-api-service.ts';
import { findSchema } from './schema.ts';

/** Optional numbers and booleans for which 0 or false says something else than nothing at all. */
const ZERO_MATTERS: ReadonlySet<string> = new Set([
  ...['activeDeadlineSeconds', 'backoffLimit', 'backoffLimitPerIndex', 'completions', 'parallelism', 'suspend'],
  ...['failedJobsHistoryLimit', 'successfulJobsHistoryLimit', 'startingDeadlineSeconds', 'ttlSecondsAfterFinished'],
  ...['maxFailedIndexes', 'manualSelector', 'replicas', 'minReplicas', 'partition', 'revisionHistoryLimit'],
  ...['progressDeadlineSeconds', 'stabilizationWindowSeconds', 'priority', 'tolerationSeconds', 'index'],
  ...['terminationGracePeriodSeconds', 'gracePeriodSeconds', 'deletionGracePeriodSeconds', 'orphanDependents'],
  ...['defaultMode', 'mode', 'expirationSeconds', 'optional', 'immutable', 'leaseTransitions'],
  ...['runAsUser', 'runAsGroup', 'runAsNonRoot', 'fsGroup', 'privileged', 'allowPrivilegeEscalation'],
  ...['readOnlyRootFilesystem', 'hostProcess', 'hostUsers', 'shareProcessNamespace', 'setHostnameAsFQDN'],
  ...['automountServiceAccountToken', 'enableServiceLinks', 'controller', 'blockOwnerDeletion', 'started'],
  ...['allocateLoadBalancerNodePorts', 'ready', 'serving', 'terminating', 'allowVolumeExpansion', 'attachRequired'],
  ...['podInfoOnMount', 'requiresRepublish', 'storageCapacity', 'seLinuxMount', 'serviceAccountTokenInSecrets'],
  ...['lendablePercent', 'borrowingLimitPercent', 'nominalConcurrencyShares', 'averageUtilization', 'lun'],
  ...['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['minProperties', 'maxProperties', 'x-kubernetes-preserve-unknown-fields'],
  ...['minDomains', 'leaseDurationSeconds', 'adminAccess', 'allNodes', 'bool', 'int'],
]);

/** Probes have no such distinction: 0 stands for the default there. */
const ZERO_IS_ABSENT: ReadonlySet<string> = new Set(['k8s.io.api.core.v1.Probe']);

/** A claim with an empty class wants none; one without wants the default. */
const EMPTY_MATTERS: ReadonlySet<string> = new Set([
  'k8s.io.api.core.v1.PersistentVolumeClaimSpec.storageClassName',
  'k8s.io.api.core.v1.PersistentVolumeClaimSpec.volumeAttributesClassName',
]);

function schemaNameOf(message: string): string {
  const name = message.replace('apiextensions_apiserver', 'apiextensions-apiserver');
  return `io.${name.replace('kube_aggregator', 'kube-aggregator').replace('k8s.io.', 'k8s.')}`;
}

function decideZero(message: string, field: string): boolean {
  if (findSchema(schemaNameOf(message))?.required?.includes(field)) return true;
  if (EMPTY_MATTERS.has(`${message}.${field}`)) return true;
  return ZERO_MATTERS.has(field) && !ZERO_IS_ABSENT.has(message);
}

/** `decideZero` with a memory: every empty field of every body asks. */
function createKeepsZero(): DecodeTypes['keepsZero'] {
  const known = new Map<string, boolean>();
  return (message, field) => {
    const key = `${message}.${field}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const decided = decideZero(message, field);
    known.set(key, decided);
    return decided;
  };
}

/** The tree with what the generated one lacks. */
function withApiServices(root: Descriptor): Descriptor {
  const k8s = root.nested?.['k8s'];
  const io = k8s?.nested?.['io'];
  const group = { ...io?.nested, kube_aggregator: apiServiceDescriptors };
  return { nested: { ...root.nested, k8s: { nested: { ...k8s?.nested, io: { nested: group } } } } };
}

let loading: Promise<DecodeTypes> | undefined;

async function load(): Promise<DecodeTypes> {
  const { default: root } = await import('./protobuf.generated.json', { with: { type: 'json' } });
  return {
    messages: createMessageSource(withApiServices(root as unknown as Descriptor)),
    keepsZero: createKeepsZero(),
  };
}

/** The protobuf types of every kind; read when the first protobuf body comes. */
export function loadProtobufTypes(): Promise<DecodeTypes> {
  loading ??= load();
  return loading;
}
