import { child, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isConfigMapKey, isQualifiedName, isRelaxedEnvVarName } from '../../machinery/names.ts';
import type { EnvFromSource, EnvVar, Sparse } from '../types.ts';
import { type Findings, validateName, validateRequiredName } from '../validation.ts';

type Variable = Sparse<EnvVar>;
type Source = NonNullable<Variable['valueFrom']>;
type FieldRef = NonNullable<Source['fieldRef']>;
type ResourceRef = NonNullable<Source['resourceFieldRef']>;

/** What the environment may take from the pod. */
const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const KNOWN_LABELS = [
  ...ENV_FIELDS,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
];
const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
/** What a file of a downward API volume may hold. */
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
] as const;

function validateSubscript(base: string, subscript: string, path: string): Findings {
  if (base === 'metadata.annotations') return validateName(isQualifiedName, subscript.toLowerCase(), path);
  if (base === 'metadata.labels') return validateName(isQualifiedName, subscript, path);
  return [invalidValue(path, base, 'does not support subscript')];
}

/** `validateObjectFieldSelector`. */
export function validateFieldRef(ref: FieldRef, path: string, allowed: readonly string[]): Findings {
  const fieldPath = ref.fieldPath ?? '';
  const field = child(path, 'fieldPath');
  if (!ref.apiVersion) return [required(child(path, 'apiVersion'))];
  if (fieldPath === '') return [required(field)];
  const [, base = fieldPath, subscript] = /^(.*?)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (!KNOWN_LABELS.includes(base)) {
    return [invalidValue(field, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  }
  if (subscript !== undefined) return validateSubscript(base, subscript, path);
  return allowed.includes(fieldPath) ? [] : [notSupported(field, fieldPath, allowed)];
}

/** `validateContainerResourceFieldSelector`; a volume has to name the container. */
export function validateResourceRef(ref: ResourceRef, path: string, inVolume: boolean): Findings {
  const resource = ref.resource ?? '';
  const known = RESOURCE_FIELDS.includes(resource) || /^(requests|limits)\.hugepages-/.test(resource);
  if (inVolume && !ref.containerName) return [required(child(path, 'containerName'))];
  if (resource === '') return [required(child(path, 'resource'))];
  return known ? [] : [notSupported(child(path, 'resource'), resource, RESOURCE_FIELDS)];
}

function validateKeyRef(ref: { readonly key?: string }, path: string): Findings {
  return validateRequiredName(isConfigMapKey, ref.key, child(path, 'key'));
}

function validateSources(source: Source, path: string): readonly Findings[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  return [
    ...(fieldRef ? [validateFieldRef(fieldRef, child(path, 'fieldRef'), ENV_FIELDS)] : []),
    ...(resourceFieldRef ? [validateResourceRef(resourceFieldRef, child(path, 'resourceFieldRef'), false)] : []),
    ...(configMapKeyRef ? [validateKeyRef(configMapKeyRef, child(path, 'configMapKeyRef'))] : []),
    ...(secretKeyRef ? [validateKeyRef(secretKeyRef, child(path, 'secretKeyRef'))] : []),
    ...(fileKeyRef ? [validateKeyRef(fileKeyRef, child(path, 'fileKeyRef'))] : []),
  ];
}

function validateCount(count: number, hasValue: boolean, path: string): Findings {
  if (count === 0) {
    const detail =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    return [invalidValue(path, '', detail)];
  }
  if (hasValue) return [invalidValue(path, '', 'may not be specified when `value` is not empty')];
  return count > 1 ? [invalidValue(path, '', 'may not have more than one field specified at a time')] : [];
}

function validateVariable(variable: Variable, path: string): Findings {
  const source = variable.valueFrom;
  const name = validateRequiredName(isRelaxedEnvVarName, variable.name, child(path, 'name'));
  if (!source) return name;
  const sourcePath = child(path, 'valueFrom');
  const found = validateSources(source, sourcePath);
  return [...name, ...found.flat(), ...validateCount(found.length, Boolean(variable.value), sourcePath)];
}

/** `ValidateEnv`. */
export function validateEnv(variables: readonly Variable[], path: string): Findings {
  return variables.flatMap((variable, position) => validateVariable(variable, index(path, position)));
}

function validateEnvFromSource(source: Sparse<EnvFromSource>, path: string, listPath: string): Findings {
  const { prefix, configMapRef, secretRef } = source;
  const neither = !configMapRef && !secretRef;
  return [
    ...(prefix ? validateName(isRelaxedEnvVarName, prefix, child(path, 'prefix')) : []),
    ...(configMapRef && !configMapRef.name ? [required(child(path, 'configMapRef', 'name'))] : []),
    ...(secretRef && !secretRef.name ? [required(child(path, 'secretRef', 'name'))] : []),
    ...(neither ? [invalidValue(listPath, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
    ...(configMapRef && secretRef
      ? [invalidValue(listPath, '', 'may not have more than one field specified at a time')]
      : []),
  ];
}

/** `ValidateEnvFrom`. */
export function validateEnvFrom(sources: readonly Sparse<EnvFromSource>[], path: string): Findings {
  return sources.flatMap((source, position) => validateEnvFromSource(source, index(path, position), path));
}
