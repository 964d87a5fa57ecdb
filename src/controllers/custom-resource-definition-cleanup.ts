import { CLEANUP_FINALIZER, withCondition } from '../kinds/custom/cleanup.ts';
import { storedDefinition } from '../kinds/custom/definition-of-custom-resource.ts';
import type { CustomCondition, CustomResourceDefinition } from '../kinds/custom/types.ts';
import { isConditionTrue } from '../machinery/conditions.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { formatTime } from '../machinery/time.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clock } from './clock.ts';
import type { Controller, Requeue } from './controller.ts';
import { isDeleting, nameOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';
/** How often objects whose finalizers hold them are looked at. Their own going is heard of, too. */
const LOOK_AGAIN_MS = 5000;

/** What the controller needs. */
export interface CleanupOptions {
  readonly registry: Registry;
  readonly clock: Clock;
}

function terminating(status: 'True' | 'False', reason: string, message: string): CustomCondition {
  return { type: 'Terminating', status, reason, message };
}

const IN_PROGRESS = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
const COMPLETED = terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
const NEVER = terminating('False', 'NeverEstablished', 'resource was never established');

function withoutFinalizer(crd: CustomResourceDefinition): CustomResourceDefinition {
  const finalizers = (crd.metadata?.finalizers ?? []).filter((name) => name !== CLEANUP_FINALIZER);
  return { ...crd, metadata: { ...crd.metadata, finalizers } };
}

function isHeld(crd: CustomResourceDefinition | undefined): crd is CustomResourceDefinition {
  return crd !== undefined && isDeleting(crd) && crd.metadata?.finalizers?.includes(CLEANUP_FINALIZER) === true;
}

/** Asks every object to go; what is left has finalizers. */
async function deleteObjects(objects: Resource<KubernetesObject>): Promise<readonly KubernetesObject[]> {
  for (const object of objects.list()) if (!isDeleting(object)) await objects.delete(object);
  return objects.list();
}

interface Cleaner extends CleanupOptions {
  readonly definitions: Resource<CustomResourceDefinition>;
}

async function report({ definitions, clock }: Cleaner, crd: CustomResourceDefinition, condition: CustomCondition) {
  const now = formatTime(clock.now());
  await definitions.modify(crd, (current) => withCondition(current, condition, now), 'status');
}

async function reconcile(name: string, cleaner: Cleaner): Promise<Requeue | undefined> {
  const { definitions, registry } = cleaner;
  const crd = definitions.find('', name);
  if (!isHeld(crd)) return undefined;
  const kind = isConditionTrue(crd.status?.conditions, 'Established') ? storedDefinition(crd) : undefined;
  if (kind !== undefined) {
    await report(cleaner, crd, IN_PROGRESS);
    const left = await deleteObjects(resourceOf<KubernetesObject>(registry, kind));
    if (left.length > 0) return { afterMs: LOOK_AGAIN_MS };
  }
  await report(cleaner, crd, kind === undefined ? NEVER : COMPLETED);
  await definitions.modify(crd, withoutFinalizer);
  return undefined;
}

/** Deletes the objects of a definition that is being deleted, and then lets it go. */
export function customResourceDefinitionCleanup(options: CleanupOptions): Controller {
  const { registry } = options;
  const cleaner = {
    ...options,
    definitions: resourceOf<CustomResourceDefinition>(registry, kindOf(registry, DEFINITIONS)),
  };
  return {
    name: 'custom-resource-definition-cleanup',
    inputs: [
      {
        resource: DEFINITIONS,
        keys: ({ entry }) => (isHeld(entry.object) ? [nameOf(entry.object)] : []),
      },
    ],
    everyKind: ({ custom, group, plural }) =>
      custom === undefined ? undefined : ({ type }) => (type === 'DELETED' ? [`${plural}.${group}`] : []),
    outputs: [{ what: `${DEFINITIONS}#finalizers`, mode: 'exclusive' }],
    reconcile: (name) => reconcile(name, cleaner),
  };
}
