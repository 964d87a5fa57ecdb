import { child, invalidValue, key, notSupported, required, tooLong } from '../machinery/field-path.ts';
import { isDns1123Label } from '../machinery/names.ts';
import { matchesLabels } from '../machinery/selectors.ts';
import { validateDomainPrefixedPath } from './domain-prefixed-path.ts';
import { validateCompletionMode } from './job-mode-validation.ts';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies-validation.ts';
import { validateTemplateUpdate } from './job-template-update.ts';
import { parseDraftSelector } from './label-selector.ts';
import { validateSelectorOf, validateTemplate } from './pod-template-validation.ts';
import type { Draft, Job, JobSpec, Sparse } from './types.ts';
import { type Findings, validateImmutable, validateLabelSelector, validateNonNegative } from './validation.ts';

type Object = Draft<Job>;
type Spec = Sparse<JobSpec>;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const satisfies readonly (keyof JobSpec)[];

const FIXED = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const satisfies readonly (keyof JobSpec)[];

const MAX_MANAGED_BY = 63;

function validateRestartPolicy(spec: Spec, path: string): Findings {
  const field = child(path, 'template', 'spec', 'restartPolicy');
  const { restartPolicy = '' } = spec.template?.spec ?? {};
  if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && !spec.podFailurePolicy)) return [];
  if (restartPolicy === 'OnFailure') {
    return [invalidValue(field, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
  }
  if (restartPolicy !== '' && restartPolicy !== 'Always')
    return [notSupported(field, restartPolicy, ['OnFailure', 'Never'])];
  return [required(field, 'valid values: "OnFailure", "Never"')];
}

/** Where failures have rules of their own, a pod is replaced when it has failed, and not before. */
function validateReplacement({ podReplacementPolicy: policy, podFailurePolicy }: Spec, path: string): Findings {
  const allowed = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy === undefined || allowed.includes(policy)) return [];
  return [notSupported(child(path, 'podReplacementPolicy'), policy, allowed)];
}

function validateManager(managedBy: string | undefined, path: string): Findings {
  if (managedBy === undefined) return [];
  const long = managedBy.length > MAX_MANAGED_BY ? [tooLong(path, MAX_MANAGED_BY)] : [];
  return [...validateDomainPrefixedPath(managedBy, path), ...long];
}

/** `validateJobSpec`: what Jobs and the templates of CronJobs share. */
export function validateJobSpec(spec: Spec, path: string): Findings {
  const unlimited = spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined;
  return [
    ...COUNTS.flatMap((field) => validateNonNegative(spec[field], child(path, field))),
    ...(unlimited ? [required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified')] : []),
    ...validateManager(spec.managedBy, child(path, 'managedBy')),
    ...validateCompletionMode(spec, path),
    ...validateFailurePolicy(spec, path),
    ...validateSuccessPolicy(spec, path),
    ...validateReplacement(spec, path),
    ...validateTemplate(spec.template, child(path, 'template')),
    ...validateRestartPolicy(spec, path),
  ];
}

/** `ValidateJobTemplateSpec`: Jobs that are made of a template get their selectors by themselves. */
export function validateJobTemplate(spec: Spec, path: string): Findings {
  const { selector, manualSelector = false } = spec;
  return [
    ...validateJobSpec(spec, path),
    ...(selector ? [invalidValue(child(path, 'selector'), selector, '`selector` will be auto-generated')] : []),
    ...(manualSelector ? [notSupported(child(path, 'manualSelector'), manualSelector, ['nil', 'false'])] : []),
  ];
}

/** `validateGeneratedSelector`: unless its author chose by hand, a Job finds its pods by its own uid. */
function validateGenerated({ metadata: { uid = '', name = '' } = {}, spec }: Object): Findings {
  if (spec?.manualSelector === true || !spec?.selector) return [];
  const wanted = { 'controller-uid': uid, 'job-name': name };
  const prefixed = Object.entries(wanted).map(([label, value]) => [`batch.kubernetes.io/${label}`, value] as const);
  const expected = [...Object.entries(wanted), ...prefixed];
  const selector = parseDraftSelector(spec.selector);
  const foreign = selector.ok && !matchesLabels(selector.value, Object.fromEntries(expected));
  return [
    ...expected.flatMap(([label, value]) => validateLabel(spec, label, value)),
    ...(foreign ? [invalidValue('spec.selector', spec.selector, '`selector` not auto-generated')] : []),
  ];
}

function validateLabel({ template }: Spec, label: string, value: string): Findings {
  const labels = template?.metadata?.labels ?? {};
  const [path, detail] = [key('spec.template.metadata.labels', label), `must be '${value}'`];
  if (labels[label] === undefined) return [required(path, detail)];
  return labels[label] === value ? [] : [invalidValue(path, labels, detail)];
}

/** The pods of an indexed Job are called after it and their index. */
function validateHostname({ metadata: { name = '' } = {}, spec }: Object): Findings {
  const { completions = 0, completionMode } = spec ?? {};
  const longest = `${name}-${completions - 1}`;
  if (completionMode !== 'Indexed' || completions <= 0 || isDns1123Label(longest).length === 0) return [];
  const detail = `will not able to create pod with invalid DNS label: ${longest}`;
  return [invalidValue('metadata.name', name, detail)];
}

/** `ValidateJob`. The selector is made with the uid: without one there is nothing to say of it yet. */
export function validateJob(job: Object): Findings {
  const { spec = {} } = job;
  const hasUid = Boolean(job.metadata?.uid);
  return [
    ...(hasUid ? validateGenerated(job) : []),
    ...validateJobSpec(spec, 'spec'),
    ...(hasUid
      ? validateSelectorOf(spec.selector, spec.template)
      : validateLabelSelector(spec.selector, 'spec.selector')),
    ...validateHostname(job),
  ];
}

/** The number of an indexed Job may change together with its parallelism. */
function validateCompletions(spec: Spec, old: Spec): Findings {
  const path = 'spec.completions';
  if (spec.completionMode !== 'Indexed') return validateImmutable(spec.completions, old.completions, path);
  if (spec.completions === undefined || spec.completions === old.completions) return [];
  if (spec.completions === spec.parallelism) return [];
  return [invalidValue(path, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** `ValidateJobUpdate`. */
export function validateJobUpdate(job: Object, old: Object): Findings {
  const [spec, before] = [job.spec ?? {}, old.spec ?? {}];
  const fixed = (field: 'selector' | (typeof FIXED)[number]): Findings =>
    validateImmutable(spec[field], before[field], `spec.${field}`);
  return [
    ...validateCompletions(spec, before),
    ...fixed('selector'),
    ...validateTemplateUpdate(job, old),
    ...FIXED.flatMap(fixed),
  ];
}
