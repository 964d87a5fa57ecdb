import type { ControllerRevision, PodTemplateSpec } from '../../kinds/types.ts';
import { canonicalJson, hashObject, semanticEqual } from '../../machinery/deep.ts';
import type { KubernetesObject, OwnerReference } from '../../machinery/object.ts';
import type { LabelSelectorObject } from '../../machinery/selectors.ts';
import { claimable } from '../indexes.ts';
import { isControlledBy, nameOf, namespaceOf } from '../meta.ts';
import { isStatus, type Resource } from '../resources.ts';
import { applyClaim } from './apply-claim.ts';
import { planClaim } from './claim.ts';

/** The history of one workload's template, kept in ControllerRevisions. */
export interface RevisionOwner {
  readonly owner: KubernetesObject;
  readonly reference: OwnerReference;
  readonly selector: LabelSelectorObject | undefined;
  readonly template: PodTemplateSpec | undefined;
  /** Label of a revision that holds its hash. */
  readonly hashLabel: string;
  readonly collisionCount: number | undefined;
}

/** The revision of the template as it is now, all revisions there are, and how often a name was taken. */
export interface History {
  readonly update: ControllerRevision;
  readonly all: readonly ControllerRevision[];
  readonly collisionCount: number | undefined;
}

/**
 * What restores the template when it is applied as a strategic merge patch; `kubectl rollout undo` does. Clients compare
 * its bytes, which upstream writes with sorted keys.
 */
function patchOf(template: PodTemplateSpec | undefined): object {
  return JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } })) as object;
}

/** The template that a revision recorded; undefined when it can't be one. */
export function recordedTemplate(revision: ControllerRevision): PodTemplateSpec | undefined {
  const { spec } = (revision.data ?? {}) as { readonly spec?: { readonly template?: object } };
  if (spec?.template === undefined) return undefined;
  const { $patch: _, ...template } = spec.template as { readonly $patch?: string };
  return template;
}

/** Oldest revision first. */
function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision;
}

function newRevision(history: RevisionOwner, revision: number, collisionCount: number | undefined): ControllerRevision {
  const { owner, template, reference, hashLabel } = history;
  const data = patchOf(template);
  const hash = hashObject(data, collisionCount);
  return {
    metadata: {
      name: `${nameOf(owner)}-${hash}`,
      namespace: namespaceOf(owner),
      labels: { ...template?.metadata?.labels, [hashLabel]: hash },
      annotations: owner.metadata?.annotations,
      ownerReferences: [reference],
    },
    data,
    revision,
  };
}

/** Makes a revision; a name that another template has taken makes the hash differ. */
async function createRevision(
  history: RevisionOwner,
  number: number,
  revisions: Resource<ControllerRevision>,
): Promise<Omit<History, 'all'>> {
  for (let collisions = history.collisionCount; ; collisions = (collisions ?? 0) + 1) {
    const wanted = newRevision(history, number, collisions);
    try {
      return { update: await revisions.create(wanted), collisionCount: collisions };
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const taken = revisions.find(namespaceOf(wanted), nameOf(wanted));
      const isOurs = taken !== undefined && isControlledBy(taken, history.owner);
      if (isOurs && semanticEqual(taken.data, wanted.data)) return { update: taken, collisionCount: collisions };
    }
  }
}

async function numbered(
  revision: ControllerRevision,
  number: number,
  revisions: Resource<ControllerRevision>,
): Promise<ControllerRevision> {
  if (revision.revision >= number) return revision;
  return (await revisions.modify(revision, (now) => ({ ...now, revision: number }))) ?? revision;
}

/** Finds or makes the revision of the template as it is now; an old one that is back gets the highest number. */
export async function syncRevisions(history: RevisionOwner, revisions: Resource<ControllerRevision>): Promise<History> {
  const { owner, selector, reference, template, collisionCount } = history;
  const claim = planClaim(owner, selector, claimable(owner, revisions));
  const known = [...(await applyClaim(claim, { reference }, revisions))].sort(byNumber);
  const wanted = patchOf(template);
  const same = known.filter((r) => semanticEqual(r.data, wanted)).at(-1);
  const number = Math.max(0, ...known.filter((r) => r !== same).map((r) => r.revision)) + 1;
  if (same === undefined) {
    const created = await createRevision(history, number, revisions);
    return { ...created, all: [...known, created.update] };
  }
  const update = await numbered(same, number, revisions);
  return { update, all: known.map((r) => (r === same ? update : r)), collisionCount };
}

/** The revisions beyond the limit that nobody uses, oldest first. Pure. */
export function surplusRevisions(
  all: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
  limit: number,
): readonly ControllerRevision[] {
  const idle = [...all].sort(byNumber).filter((r) => !isLive(r));
  return idle.slice(0, Math.max(0, idle.length - limit));
}
