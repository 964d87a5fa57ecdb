import type { Diagnostic } from '../../translators/host-file.ts';
import type { Pod } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import type { PodTranslator } from './pod-units.ts';

/** What is said about a pod when it is created. */
export interface PodDiagnostics {
  /** Sentences for `Warning:` headers: what runs differently than asked. */
  readonly warnings: readonly string[];
  /** Fields that this host can't keep: the pod is refused with them (422). */
  readonly errors: readonly FieldError[];
}

/** An address for a trial translation; from the range that documentation uses. */
const TRIAL_ADDRESS = '192.0.2.1';

function toError({ field, message }: Diagnostic): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${message}` };
}

/**
 * Translates a pod on trial, without anything that it refers to, and sorts what the translator could not do. Pure: made
 * for the registry's admission.
 */
export function podDiagnostics(pod: Pod, translate: PodTranslator): PodDiagnostics {
  const trial = { ...pod, status: { ...pod.status, podIP: pod.status?.podIP ?? TRIAL_ADDRESS } };
  const { diagnostics } = translate(trial, { configMaps: new Map(), secrets: new Map() });
  return {
    warnings: diagnostics.filter((d) => d.severity !== 'refused').map((d) => `${d.field}: ${d.message}`),
    errors: diagnostics.filter((d) => d.severity === 'refused').map(toError),
  };
}
