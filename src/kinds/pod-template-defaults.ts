import { applyPodSpecDefaults } from './pod-spec/pod-spec-defaults.ts';
import type { PodTemplateSpec, Sparse } from './types.ts';

type Template = Sparse<PodTemplateSpec>;

/** Defaults of a template of pods: those of its spec. */
export function applyTemplateDefaults(template: Template | undefined): Template | undefined {
  if (template === undefined) return undefined;
  return { ...template, spec: applyPodSpecDefaults(template.spec ?? {}, { isPod: false }) };
}
