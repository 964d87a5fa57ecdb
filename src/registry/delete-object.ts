import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import { conflict, type Status, StatusError } from '../machinery/status-error.ts';
import type { StoreEntry } from '../store/store.ts';
import { type Admission, admitMutating, admitValidating } from './admit.ts';
import { commit, kindSubjectOf, type RegistryContext } from './context.ts';
import { deletionRuleOf } from './deletion-rules.ts';
import { dryRunEntry } from './dry-run.ts';
import { type DeletionPlan, planDeletion } from './plan-deletion.ts';
import { listObjects, requireEntry } from './read-objects.ts';
import type { DeleteOptions, DeleteOutcome, ListOptions, ListPage } from './registry.ts';

/** One object to delete. */
export interface DeleteTarget {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly options: DeleteOptions;
}

function requirePreconditions(
  { kind, key, options }: DeleteTarget,
  { uid, resourceVersion }: KubernetesObject['metadata'] & object,
): void {
  const wanted = options.preconditions ?? {};
  const refuse = (what: string, given: string, found = '', since = ''): never => {
    const why = `the ${what} in the precondition (${given}) does not match the ${what} in record (${found}). ${since}`;
    throw conflict(kindSubjectOf(kind, key.name), why);
  };
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    refuse('UID', wanted.uid, uid, 'The object might have been deleted and then recreated');
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    refuse('ResourceVersion', wanted.resourceVersion, resourceVersion, 'The object might have been modified');
  }
}

function success({ kind, key }: DeleteTarget, object: KubernetesObject): Status {
  const details = { name: key.name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural };
  const uid = object.metadata?.uid;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: uid === undefined ? details : { ...details, uid },
    code: 200,
  };
}

/** Carries a plan out; undefined when another write came first. */
async function carryOut(
  context: RegistryContext,
  { current, plan, dryRun }: { readonly current: StoreEntry; readonly plan: DeletionPlan; readonly dryRun: boolean },
): Promise<StoreEntry | undefined> {
  if (plan.action === 'wait') return current;
  if (dryRun) return dryRunEntry(current.key, plan.object, current);
  const type = plan.action === 'remove' ? 'delete' : 'update';
  const write = { type, key: current.key, object: plan.object, expectedRevision: current.revision } as const;
  const result = await commit(context, write);
  return result.outcome === 'ok' ? result.entry : undefined;
}

/** Asks the plug-ins; nothing can be changed about what goes. Gives their warnings. */
async function admitDeletion(
  context: RegistryContext,
  { kind, options }: DeleteTarget,
  object: KubernetesObject,
): Promise<readonly string[]> {
  const admission: Admission = { operation: 'DELETE', kind, options, old: object, warnings: [] };
  await admitMutating(context, admission, object);
  await admitValidating(context, admission, object);
  return admission.warnings;
}

/** Deletes an object, or starts its deletion where grace or finalizers hold it. Rejects with StatusError. */
export async function deleteObject(context: RegistryContext, target: DeleteTarget): Promise<DeleteOutcome> {
  const { kind, key, options } = target;
  for (;;) {
    const current = requireEntry(context, kind, key);
    requirePreconditions(target, current.object.metadata ?? {});
    const warnings = await admitDeletion(context, target, current.object);
    const deletion = { kind, options, rule: deletionRuleOf(kind), at: context.clock() };
    const plan = planDeletion(deletion, current.object);
    const entry = await carryOut(context, { current, plan, dryRun: options.dryRun ?? false });
    if (entry === undefined) continue;
    return { entry, deleted: plan.action === 'remove', status: success(target, current.object), warnings };
  }
}

/** Deletes everything selected; what is gone already doesn't matter. Gives the objects that were selected. */
export async function deleteCollection(
  context: RegistryContext,
  { kind, selection }: { readonly kind: KindDefinition; readonly selection: ListOptions },
  options: DeleteOptions,
): Promise<ListPage> {
  const page = listObjects(context, kind, selection);
  const deletions = page.entries.map(async ({ object }) => {
    const { name = '', namespace = '' } = object.metadata ?? {};
    try {
      await deleteObject(context, { kind, key: { namespace, name }, options });
    } catch (error) {
      if (!(error instanceof StatusError && error.status.reason === 'NotFound')) throw error;
    }
  });
  for (const result of await Promise.allSettled(deletions)) {
    if (result.status === 'rejected') throw result.reason;
  }
  return page;
}
