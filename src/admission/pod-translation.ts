import type { Pod, PodTemplateSpec } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { invalid } from '../machinery/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** What this host says about a pod before it runs. */
export interface PodFindings {
  readonly warnings: readonly string[];
  /** Fields that can't be kept here, with paths from the pod's root. */
  readonly errors: readonly FieldError[];
}

/**
 * Refuses what the host can't do and warns of what it does differently, when a pod or something with a pod template
 * is written: the user hears of it from `kubectl apply`, not from a pod that doesn't start. Pure, as `diagnose` is.
 */
export function createPodTranslation(diagnose: (pod: Pod) => PodFindings): AdmissionPlugin {
  const findings = (request: AdmissionRequest): PodFindings => {
    const subject = subjectOf(request);
    return subject ? under(diagnose(subject.pod), subject.prefix) : { warnings: [], errors: [] };
  };
  return {
    name: 'PodTranslation',
    validate: (request) => {
      const { errors } = findings(request);
      const { group, kind } = request.kind;
      return errors.length > 0 ? invalid({ group, resource: kind, name: request.key.name }, errors) : undefined;
    },
    warnings: (request) => findings(request).warnings,
  };
}

interface Subject {
  readonly pod: Pod;
  /** Path of the pod or template in the object, '' or `spec.template.`. */
  readonly prefix: string;
}

/** The pod that a write is about, or would lead to. An update of a pod can't change what matters here. */
function subjectOf({ kind, object, operation, subresource, key }: AdmissionRequest): Subject | undefined {
  if (subresource !== '' || operation === 'DELETE') return undefined;
  if (kind.kind === 'Pod') return operation === 'CREATE' ? { pod: object as Pod, prefix: '' } : undefined;
  const template = templateOf(object);
  if (template?.spec === undefined) return undefined;
  const metadata = { ...template.metadata, name: key.name, namespace: key.namespace, uid: object.metadata?.uid };
  return { pod: { metadata, spec: template.spec } as Pod, prefix: 'spec.template.' };
}

function templateOf(object: KubernetesObject): PodTemplateSpec | undefined {
  const { spec } = object as { readonly spec?: { readonly template?: PodTemplateSpec } };
  return spec?.template?.spec?.containers === undefined ? undefined : spec.template;
}

function under({ warnings, errors }: PodFindings, prefix: string): PodFindings {
  return {
    warnings: warnings.map((text) => prefix + text),
    errors: errors.map((error) => ({ ...error, field: prefix + error.field })),
  };
}
