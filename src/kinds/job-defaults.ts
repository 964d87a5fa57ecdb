import { applyTemplateDefaults } from './pod-template-defaults.ts';
import type { JobSpec, Sparse } from './types.ts';

type Spec = Sparse<JobSpec>;

function counts(spec: Spec): Spec {
  if (spec.completions === undefined && spec.parallelism === undefined) return { completions: 1, parallelism: 1 };
  return { parallelism: spec.parallelism ?? 1 };
}

function backoff(spec: Spec): Spec {
  if (spec.backoffLimit !== undefined) return {};
  return { backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647 };
}

/** `SetDefaults_Job`. */
export function applyJobSpecDefaults(spec: Spec): Spec {
  const hasPolicy = spec.podFailurePolicy !== undefined;
  return {
    ...spec,
    ...counts(spec),
    ...backoff(spec),
    completionMode: spec.completionMode ?? 'NonIndexed',
    suspend: spec.suspend ?? false,
    manualSelector: spec.manualSelector ?? false,
    podReplacementPolicy: spec.podReplacementPolicy ?? (hasPolicy ? 'Failed' : 'TerminatingOrFailed'),
    template: applyTemplateDefaults(spec.template ?? {}),
  };
}
