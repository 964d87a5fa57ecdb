import type { KindDefinition } from '../kinds/definition.ts';
import type {
  ConfigMap,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Event,
  HorizontalPodAutoscaler,
  Job,
  Lease,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  RuntimeClass,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
} from '../kinds/types.ts';
import { apiVersionOf, type KubernetesObject, keyOf } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { CreateOptions, DeleteOptions, ObjectIndex, Registry } from '../registry/registry.ts';

/** Reads and writes of one kind by the house's own controllers. Reads see all durable writes. */
export interface Resource<T extends KubernetesObject> {
  readonly definition: KindDefinition;
  find(namespace: string, name: string): T | undefined;
  /** All of a namespace, or all there are. */
  list(namespace?: string): readonly T[];
  /** The objects by what `valuesOf`, which must be pure, says of each. */
  index(valuesOf: (object: T) => readonly string[]): ObjectIndex<T>;
  create(object: T, options?: CreateOptions): Promise<T>;
  /**
   * Read-modify-write of this very object (by uid, where it has one); `change` returns undefined to leave it alone.
   * Resolves with the object as it is afterwards; undefined when it is gone.
   */
  modify(object: KubernetesObject, change: (current: T) => T | undefined, subresource?: string): Promise<T | undefined>;
  /** Deletes with a uid precondition; an object that is gone is fine. */
  delete(object: KubernetesObject, options?: DeleteOptions): Promise<void>;
}

/** The kinds that controllers work with. */
export interface Resources {
  readonly namespaces: Resource<Namespace>;
  readonly nodes: Resource<Node>;
  readonly pods: Resource<Pod>;
  readonly configMaps: Resource<ConfigMap>;
  readonly secrets: Resource<Secret>;
  readonly serviceAccounts: Resource<ServiceAccount>;
  readonly services: Resource<Service>;
  readonly endpointSlices: Resource<EndpointSlice>;
  readonly events: Resource<Event>;
  readonly deployments: Resource<Deployment>;
  readonly replicaSets: Resource<ReplicaSet>;
  readonly replicationControllers: Resource<ReplicationController>;
  readonly statefulSets: Resource<StatefulSet>;
  readonly daemonSets: Resource<DaemonSet>;
  readonly controllerRevisions: Resource<ControllerRevision>;
  readonly jobs: Resource<Job>;
  readonly cronJobs: Resource<CronJob>;
  readonly horizontalPodAutoscalers: Resource<HorizontalPodAutoscaler>;
  readonly podDisruptionBudgets: Resource<PodDisruptionBudget>;
  readonly runtimeClasses: Resource<RuntimeClass>;
  readonly persistentVolumeClaims: Resource<PersistentVolumeClaim>;
  readonly persistentVolumes: Resource<PersistentVolume>;
  readonly storageClasses: Resource<StorageClass>;
  readonly leases: Resource<Lease>;
}

/** Whether an error is a StatusError with this reason. */
export function isStatus(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.status.reason === reason;
}

/** The definition of `<group>/<plural>`; throws when the catalogue lacks it. */
export function kindOf(registry: Registry, resource: string): KindDefinition {
  const slash = resource.indexOf('/');
  const definition = registry.definition(resource.slice(0, slash), resource.slice(slash + 1));
  if (definition === undefined) throw new Error(`the catalogue has no ${resource}`);
  return definition;
}

/** A kind's typed access through the registry. */
export function resourceOf<T extends KubernetesObject>(registry: Registry, definition: KindDefinition): Resource<T> {
  const type = { apiVersion: apiVersionOf(definition), kind: definition.kind };
  return {
    definition,
    find: (namespace, name) => registry.find(definition, { namespace, name })?.object as T | undefined,
    list: (namespace) =>
      registry.list(definition, namespace === undefined ? {} : { namespace }).entries.map((entry) => entry.object as T),
    index: (valuesOf) => registry.index(definition, valuesOf),
    create: async (object, options) =>
      (await registry.create(definition, { ...type, ...object }, options)).entry.object as T,
    modify: (object, change, subresource) => modify<T>(registry, definition, { object, change, subresource }),
    delete: (object, options) => deleteObject(registry, definition, { object, options }),
  };
}

interface Change<T> {
  readonly object: KubernetesObject;
  readonly change: (current: T) => T | undefined;
  readonly subresource: string | undefined;
}

async function modify<T extends KubernetesObject>(
  registry: Registry,
  definition: KindDefinition,
  { object, change, subresource }: Change<T>,
): Promise<T | undefined> {
  const uid = object.metadata?.uid;
  const guarded = (current: T): T | undefined =>
    uid !== undefined && current.metadata?.uid !== uid ? undefined : change(current);
  try {
    const options = subresource === undefined ? {} : { subresource };
    const entry = await registry.modify<T>(definition, keyOf(object), guarded, options);
    const current = entry?.object as T | undefined;
    return uid === undefined || current?.metadata?.uid === uid ? current : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function deleteObject(
  registry: Registry,
  definition: KindDefinition,
  { object, options }: { object: KubernetesObject; options: DeleteOptions | undefined },
): Promise<void> {
  const uid = object.metadata?.uid;
  try {
    await registry.delete(definition, keyOf(object), { ...(uid ? { preconditions: { uid } } : {}), ...options });
  } catch (error) {
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}

/** Typed access to every kind that controllers work with. */
export function createResources(registry: Registry): Resources {
  const of = <T extends KubernetesObject>(resource: string): Resource<T> =>
    resourceOf<T>(registry, kindOf(registry, resource));
  return {
    namespaces: of('/namespaces'),
    nodes: of('/nodes'),
    pods: of('/pods'),
    configMaps: of('/configmaps'),
    secrets: of('/secrets'),
    serviceAccounts: of('/serviceaccounts'),
    services: of('/services'),
    endpointSlices: of('discovery.k8s.io/endpointslices'),
    events: of('/events'),
    deployments: of('apps/deployments'),
    replicaSets: of('apps/replicasets'),
    replicationControllers: of('/replicationcontrollers'),
    statefulSets: of('apps/statefulsets'),
    daemonSets: of('apps/daemonsets'),
    controllerRevisions: of('apps/controllerrevisions'),
    jobs: of('batch/jobs'),
    cronJobs: of('batch/cronjobs'),
    horizontalPodAutoscalers: of('autoscaling/horizontalpodautoscalers'),
    podDisruptionBudgets: of('policy/poddisruptionbudgets'),
    runtimeClasses: of('node.k8s.io/runtimeclasses'),
    persistentVolumeClaims: of('/persistentvolumeclaims'),
    persistentVolumes: of('/persistentvolumes'),
    storageClasses: of('storage.k8s.io/storageclasses'),
    leases: of('coordination.k8s.io/leases'),
  };
}
