import type { Container, Draft, Job, PodTemplateSpec, Sparse } from './types.ts';
import { type Findings, validateImmutable } from './validation.ts';

type Object = Draft<Job>;
type PodSpec = NonNullable<Sparse<PodTemplateSpec>['spec']>;

/** What decides where pods run, beside affinity. */
const DIRECTIVES = ['nodeSelector', 'tolerations', 'schedulingGates'] as const satisfies readonly (keyof PodSpec)[];

/** A Job that waits and has nothing running may still be told where its pods run, and what they get. */
function isOpen({ spec, status }: Object): boolean {
  const isSuspended = (status?.conditions ?? []).some((c) => c.type === 'Suspended' && c.status === 'True');
  return spec?.suspend === true && (!status?.startTime || isSuspended) && !status?.active;
}

/** The affinity of before with today's part about nodes. */
function affinityOf(now: PodSpec, before: PodSpec): PodSpec['affinity'] {
  const { nodeAffinity: _, ...others } = before.affinity ?? {};
  const nodeAffinity = now.affinity?.nodeAffinity;
  const made = { ...others, ...(nodeAffinity ? { nodeAffinity } : {}) };
  return Object.keys(made).length === 0 && !now.affinity ? undefined : made;
}

function withResources(
  now: readonly Sparse<Container>[] | undefined,
  before: readonly Sparse<Container>[] | undefined,
): readonly Sparse<Container>[] | undefined {
  if (before === undefined || now?.length !== before.length) return before;
  return before.map((container, at) => {
    const next = now[at];
    return next?.name === container.name ? { ...container, resources: next?.resources } : container;
  });
}

/** The spec of before with everything of now that may change. */
function openParts(now: PodSpec, before: PodSpec): object {
  return {
    ...before,
    ...Object.fromEntries(DIRECTIVES.map((field) => [field, now[field]])),
    affinity: affinityOf(now, before),
    containers: withResources(now.containers, before.containers),
    initContainers: withResources(now.initContainers, before.initContainers),
  };
}

/** `validatePodTemplateUpdate`: fixed, but for scheduling, resources, labels and annotations while the Job is suspended. */
export function validateTemplateUpdate(job: Object, old: Object): Findings {
  const [now, before] = [job.spec?.template, old.spec?.template];
  if (!isOpen(old)) return validateImmutable(now, before, 'spec.template');
  return validateImmutable(now?.spec, openParts(now?.spec ?? {}, before?.spec ?? {}), 'spec.template.spec');
}
