import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectMeta } from '../machinery/object.ts';
import { formatTime, parseTime } from '../machinery/time.ts';
import { type DeletionRule, isFinished } from './deletion-rules.ts';
import type { DeleteOptions } from './registry.ts';

/** What a delete does to an object: it goes, is marked (with its new version), or is left as it is, on its way already. */
export type DeletionPlan =
  | { readonly action: 'remove'; readonly object: KubernetesObject }
  | { readonly action: 'mark'; readonly object: KubernetesObject }
  | { readonly action: 'wait' };

/** What is known about a delete. `at` is milliseconds since 1970. */
export interface Deletion {
  readonly kind: KindDefinition;
  readonly rule: DeletionRule;
  readonly options: DeleteOptions;
  readonly at: number;
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Finalizers after a propagation policy: the garbage collector's two exclude each other. */
function finalizersFor(policy: DeleteOptions['propagationPolicy'], present: readonly string[]): readonly string[] {
  if (policy === undefined) return present;
  const wanted = policy === 'Foreground' ? [FOREGROUND] : policy === 'Orphan' ? [ORPHAN] : [];
  const kept = present.filter((f) => (f !== FOREGROUND && f !== ORPHAN) || wanted.includes(f));
  return [...kept, ...wanted.filter((f) => !kept.includes(f))];
}

/** Seconds of grace; a kind without grace has none, whatever was asked for. */
function graceFor({ kind, options }: Deletion, object: KubernetesObject): number {
  const usual = kind.deletionGraceSeconds(object);
  if (usual === undefined) return 0;
  const grace = options.gracePeriodSeconds ?? usual;
  return grace < 0 ? 1 : grace;
}

/** Metadata of an object whose deletion begins now. */
function begin(deletion: Deletion, object: KubernetesObject): ObjectMeta {
  const grace = graceFor(deletion, object);
  const generation = object.metadata?.generation;
  return {
    ...object.metadata,
    ...(generation === undefined ? {} : { generation: generation + 1 }),
    deletionTimestamp: formatTime(deletion.at + grace * 1000),
    deletionGracePeriodSeconds: grace,
  };
}

/** Metadata of an object that is being deleted already: its grace may only become shorter. */
function shorten({ options }: Deletion, metadata: ObjectMeta): ObjectMeta {
  const { deletionGracePeriodSeconds: left = 0, deletionTimestamp = '' } = metadata;
  const wanted = options.gracePeriodSeconds ?? left;
  const grace = wanted < 0 ? 1 : wanted;
  const end = parseTime(deletionTimestamp);
  if (grace >= left || end === undefined) return metadata;
  return {
    ...metadata,
    deletionTimestamp: formatTime(end - (left - grace) * 1000),
    deletionGracePeriodSeconds: grace,
  };
}

function withFinalizers(metadata: ObjectMeta, finalizers: readonly string[]): ObjectMeta {
  const { finalizers: _, ...rest } = metadata;
  return finalizers.length === 0 ? rest : { ...rest, finalizers };
}

/** Decides about a delete; pure. */
export function planDeletion(deletion: Deletion, object: KubernetesObject): DeletionPlan {
  const old = object.metadata ?? {};
  const finalizers = finalizersFor(deletion.options.propagationPolicy, old.finalizers ?? []);
  const begins = old.deletionTimestamp === undefined;
  const times = begins ? begin(deletion, object) : shorten(deletion, old);
  const timed = { ...object, metadata: withFinalizers(times, finalizers) };
  const dated = begins ? deletion.rule.mark(timed) : timed;
  if (isFinished(deletion.rule, dated)) return { action: 'remove', object: begins ? object : dated };
  const changed = begins || times !== old || finalizers.join() !== (old.finalizers ?? []).join();
  if (!changed) return { action: 'wait' };
  return { action: 'mark', object: dated };
}
