import { child, notSupported, required } from '../machinery/field-path.ts';
import { validateTemplate } from './pod-template-validation.ts';
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

function validateRestartPolicy(spec: Spec, path: string): Findings {
  if (['OnFailure', 'Never'].includes(spec.template?.spec?.restartPolicy ?? '')) return [];
  const field = child(path, 'template', 'spec', 'restartPolicy');
  const { restartPolicy = '' } = spec.template?.spec ?? {};
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

/** `validateJobSpec`: what Jobs and the templates of CronJobs share. */
export function validateJobSpec(spec: Spec, path: string): Findings {
  return [
    ...COUNTS.flatMap((field) => validateNonNegative(spec[field], child(path, field))),
    ...(spec.completionMode === 'Indexed' && spec.completions === undefined
      ? [required(child(path, 'completions'), 'when completion mode is Indexed')]
      : []),
    ...validateReplacement(spec, path),
    ...validateTemplate(spec.template, child(path, 'template')),
    ...validateRestartPolicy(spec, path),
  ];
}

/** `ValidateJob`. */
export function validateJob(job: Object): Findings {
  return [...validateLabelSelector(job.spec?.selector, 'spec.selector'), ...validateJobSpec(job.spec ?? {}, 'spec')];
}

/** `ValidateJobUpdate`. */
export function validateJobUpdate(job: Object, old: Object): Findings {
  const [spec, before] = [job.spec ?? {}, old.spec ?? {}];
  const fixed = ['selector', 'template', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex'] as const;
  const completions =
    spec.completionMode === 'Indexed'
      ? []
      : validateImmutable(spec.completions, before.completions, 'spec.completions');
  return [...completions, ...fixed.flatMap((field) => validateImmutable(spec[field], before[field], `spec.${field}`))];
}
