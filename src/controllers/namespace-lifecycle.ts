import type { KindDefinition } from '../kinds/definition.ts';
import type { Namespace } from '../kinds/types.ts';
import { hasOwnStorage } from '../kinds/view.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { formatTime } from '../machinery/time.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { isDeleting, nameOf, namespaceOf } from './meta.ts';
import { type Resource, type Resources, resourceOf } from './resources.ts';

type Condition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number];

/** What is left in a namespace, by kind. */
export interface Remains {
  readonly definition: Pick<KindDefinition, 'group' | 'plural'>;
  readonly objects: readonly KubernetesObject[];
}

/** What the controller needs. */
export interface NamespaceOptions {
  readonly registry: Registry;
  readonly resources: Resources;
  readonly clock: Clock;
}

function resourceName({ group, plural }: Remains['definition']): string {
  return group === '' ? `${plural}.` : `${plural}.${group}`;
}

function contentMessage(remains: readonly Remains[]): string {
  const counts = remains.map((r) => `${resourceName(r.definition)} has ${r.objects.length} resource instances`);
  return `Some resources are remaining: ${counts.sort().join(', ')}`;
}

function finalizersMessage(remains: readonly Remains[]): string {
  const counts = new Map<string, number>();
  for (const object of remains.flatMap((r) => r.objects)) {
    for (const f of object.metadata?.finalizers ?? []) counts.set(f, (counts.get(f) ?? 0) + 1);
  }
  if (counts.size === 0) return '';
  const texts = [...counts].map(([finalizer, n]) => `${finalizer} in ${n} resource instances`);
  return `Some content in the namespace has finalizers remaining: ${texts.sort().join(', ')}`;
}

type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function findings(remains: readonly Remains[]): readonly Finding[] {
  const finalizers = finalizersMessage(remains);
  const no = (type: string, reason: string, message: string): Finding => ({ type, status: 'False', reason, message });
  return [
    no('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    no(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    no(
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    remains.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: contentMessage(remains),
        }
      : no('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
    finalizers !== ''
      ? { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message: finalizers }
      : no('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ];
}

/** The status of a namespace that is being deleted. Pure. */
export function terminatingStatus(namespace: Namespace, remains: readonly Remains[], now: number): Namespace['status'] {
  const before = namespace.status?.conditions ?? [];
  const conditions = findings(remains).map((finding) => {
    const old = before.find((c) => c.type === finding.type);
    const kept = old?.status === finding.status ? old.lastTransitionTime : undefined;
    return { ...finding, lastTransitionTime: kept ?? formatTime(now) };
  });
  return { phase: 'Terminating', conditions };
}

function contents(namespace: string, kinds: readonly Resource<KubernetesObject>[]): readonly Remains[] {
  return kinds
    .map(({ definition, list }) => ({ definition, objects: list(namespace) }))
    .filter(({ objects }) => objects.length > 0);
}

async function deleteAll(name: string, kind: Resource<KubernetesObject>): Promise<void> {
  for (const object of kind.list(name)) {
    if (!isDeleting(object)) await kind.delete(object, { propagationPolicy: 'Background' });
  }
}

/** Pods go first, and all else only when the last of them is gone: what they use is there until their end. */
async function empty(name: string, kinds: readonly Resource<KubernetesObject>[]): Promise<void> {
  for (const kind of kinds) {
    await deleteAll(name, kind);
    if (isPods(kind) && kind.list(name).length > 0) return;
  }
}

async function finalize(namespace: Namespace, { registry, resources }: NamespaceOptions): Promise<void> {
  const rest = (namespace.spec?.finalizers ?? []).filter((f) => f !== 'kubernetes');
  if (rest.length !== (namespace.spec?.finalizers ?? []).length) {
    const change = (now: Namespace): Namespace => ({ ...now, spec: { ...now.spec, finalizers: rest } });
    await resources.namespaces.modify(namespace, change, 'finalize');
  }
  const current = registry.find(resources.namespaces.definition, { namespace: '', name: nameOf(namespace) });
  if (rest.length === 0 && current !== undefined) await resources.namespaces.delete(namespace);
}

function isContent(definition: KindDefinition): boolean {
  return definition.namespaced && definition.verbs.includes('delete') && hasOwnStorage(definition);
}

/** Access to everything that a namespace may hold: each resource once. */
function contentKinds(registry: Registry): readonly Resource<KubernetesObject>[] {
  const byResource = new Map(registry.catalogue.filter(isContent).map((d) => [`${d.group}/${d.plural}`, d]));
  const kinds = [...byResource.values()].map((d) => resourceOf<KubernetesObject>(registry, d));
  return kinds.sort((a, b) => turnOf(a) - turnOf(b));
}

function isPods({ definition: { group, plural } }: Resource<KubernetesObject>): boolean {
  return group === '' && plural === 'pods';
}

/** Events last: the end of the others makes more of them. */
function turnOf(kind: Resource<KubernetesObject>): number {
  return isPods(kind) ? 0 : kind.definition.kind === 'Event' ? 2 : 1;
}

/** Empties a namespace that is being deleted and lets it go when nothing is left. */
export function namespaceLifecycle(options: NamespaceOptions): Controller {
  const { registry, resources, clock } = options;
  const terminating = (name: string): boolean => {
    const namespace = resources.namespaces.find('', name);
    return namespace !== undefined && isDeleting(namespace);
  };
  const goneKeys = ({ type, entry }: ObjectChange): readonly string[] =>
    type !== 'MODIFIED' && terminating(namespaceOf(entry.object)) ? [namespaceOf(entry.object)] : [];
  return {
    name: 'namespace-lifecycle',
    inputs: [{ resource: '/namespaces', keys: (c) => [nameOf(c.entry.object)] }],
    everyKind: (definition) => (isContent(definition) ? goneKeys : undefined),
    outputs: [
      { what: '/namespaces#status', mode: 'exclusive' },
      { what: '/namespaces#finalize', mode: 'exclusive' },
      { what: 'content of a deleted namespace', mode: 'exclusive' },
    ],
    reconcile: async (name) => {
      const namespace = resources.namespaces.find('', name);
      if (namespace === undefined || !isDeleting(namespace)) return undefined;
      const kinds = contentKinds(registry);
      await empty(name, kinds);
      const remains = contents(name, kinds);
      const status = terminatingStatus(namespace, remains, clock.now());
      const changed = !semanticEqual(status, namespace.status);
      if (changed) await resources.namespaces.modify(namespace, (now) => ({ ...now, status }), 'status');
      if (remains.length === 0) await finalize(namespace, options);
      return undefined;
    },
  };
}
