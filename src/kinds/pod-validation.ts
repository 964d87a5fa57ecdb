import { semanticEqual } from '../machinery/deep.ts';
import { child, forbiddenField, index, invalidValue, required } from '../machinery/field-path.ts';
import { isInRange } from '../machinery/names.ts';
import { checkGatedPlace, checkGates, setBackGated } from './pod-gates.ts';
import { forbidEphemeralContainers } from './pod-spec/container-validation.ts';
import { validatePodSpec } from './pod-spec/pod-spec-validation.ts';
import type { Container, Draft, Pod, PodSpec, Sparse, Toleration } from './types.ts';
import { type Findings, MAX_INT32 } from './validation.ts';

type Object = Draft<Pod>;
type Spec = Sparse<PodSpec>;
type Containers = readonly Sparse<Container>[];

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function validateImages(containers: Containers, path: string): Findings {
  return containers.flatMap(({ image = '' }, position) =>
    image === image.trim()
      ? []
      : [invalidValue(child(index(path, position), 'image'), image, 'must not have leading or trailing whitespace')],
  );
}

/** `ValidatePodCreate` without metadata, and what stays true of a pod later. */
export function validatePod(pod: Object): Findings {
  const spec = pod.spec ?? {};
  const created = pod.metadata?.resourceVersion ? [] : forbidEphemeralContainers(spec, 'spec.ephemeralContainers');
  return [
    ...validatePodSpec(spec, 'spec'),
    ...validateImages(spec.containers ?? [], 'spec.containers'),
    ...validateImages(spec.initContainers ?? [], 'spec.initContainers'),
    ...created,
  ];
}

/** Findings; `final` means that upstream looks no further. */
interface Step {
  readonly errors: Findings;
  readonly final: boolean;
}

function checkContainers(containers: Containers, old: Containers, path: string): Step {
  if (containers.length !== old.length) {
    return { errors: [forbiddenField(path, 'pod updates may not add or remove containers')], final: true };
  }
  const errors = containers.flatMap((each, position) =>
    each.image ? [] : [required(child(index(path, position), 'image'))],
  );
  return { errors, final: false };
}

function checkDeadline(deadline: number | undefined, old: number | undefined): Step {
  const field = 'spec.activeDeadlineSeconds';
  if (deadline === undefined) {
    const dropped = old !== undefined;
    const detail = 'must not update from a positive integer to nil value';
    return { errors: dropped ? [invalidValue(field, null, detail)] : [], final: false };
  }
  const range = isInRange(deadline, 0, MAX_INT32).map((message) => invalidValue(field, deadline, message));
  if (range.length > 0) return { errors: range, final: true };
  const longer = old !== undefined && old < deadline;
  const detail = 'must be less than or equal to previous value';
  return { errors: longer ? [invalidValue(field, deadline, detail)] : [], final: longer };
}

function untimed({ tolerationSeconds: _, ...rest }: Sparse<Toleration>): Sparse<Toleration> {
  return rest;
}

function checkTolerations(tolerations: readonly Sparse<Toleration>[], old: readonly Sparse<Toleration>[]): Findings {
  const kept = old.every((before) => tolerations.some((now) => semanticEqual(untimed(now), untimed(before))));
  const detail = 'existing toleration can not be modified except its tolerationSeconds';
  return kept ? [] : [forbiddenField('spec.tolerations', detail)];
}

function withImages(containers: Containers | undefined, old: Containers | undefined): Containers | undefined {
  return containers?.map((each, position) => ({ ...each, image: old?.[position]?.image }));
}

/** The new spec with everything that may change set back to the old one's. */
function setBack(spec: Spec, old: Spec): Spec {
  const grace = old.terminationGracePeriodSeconds ?? 0;
  const fixedGrace = grace < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...setBackGated(spec, old),
    containers: withImages(spec.containers, old.containers),
    initContainers: withImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    ...(fixedGrace ? { terminationGracePeriodSeconds: grace } : {}),
  };
}

function checkRest(spec: Spec, old: Spec): Findings {
  const rest = setBack(spec, old);
  if (semanticEqual(rest, old)) return [];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(rest)])] as readonly (keyof PodSpec)[];
  const changed = fields.filter((field) => !semanticEqual(rest[field], old[field])).sort();
  const difference = changed.flatMap((field) => [
    `- \t${field}: ${JSON.stringify(rest[field]) ?? 'null'}`,
    `+ \t${field}: ${JSON.stringify(old[field]) ?? 'null'}`,
  ]);
  const detail = `pod updates may not change fields other than ${UPDATABLE}\n${difference.join('\n')}\n`;
  return [forbiddenField('spec', detail)];
}

/** `ValidatePodUpdate` without metadata: nearly everything of a pod stays as it was created. */
export function validatePodUpdate(pod: Object, old: Object): Findings {
  const [spec, before] = [pod.spec ?? {}, old.spec ?? {}];
  const steps = [
    checkContainers(spec.containers ?? [], before.containers ?? [], 'spec.containers'),
    checkContainers(spec.initContainers ?? [], before.initContainers ?? [], 'spec.initContainers'),
    checkDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds),
  ];
  const last = steps.findIndex((step) => step.final);
  if (last >= 0) return steps.slice(0, last + 1).flatMap((step) => step.errors);
  return [
    ...steps.flatMap((step) => step.errors),
    ...checkTolerations(spec.tolerations ?? [], before.tolerations ?? []),
    ...checkGates(spec, before),
    ...checkGatedPlace(spec, before),
    ...checkRest(spec, before),
  ];
}
