import type { FieldError } from '../../machinery/field-error.ts';
import { child, index, invalidValue, key, required } from '../../machinery/field-path.ts';
import { isDns1035Label, isDns1123Subdomain } from '../../machinery/names.ts';
import { type Findings, validateEnum, validateImmutable } from '../validation.ts';
import { APPROVED_ANNOTATION, approvalOf, isProtectedGroup } from './approval.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionSpec, CustomVersion } from './types.ts';
import { validateConversion } from './validate-conversion.ts';
import { validateNames } from './validate-names.ts';
import { validateVersions } from './validate-version.ts';

function validateGroup(group: string, path: string): Findings {
  if (group === '') return [required(path)];
  const wrong = isDns1123Subdomain(group);
  if (wrong.length > 0) return [invalidValue(path, group, wrong.join(','))];
  return group.includes('.') ? [] : [invalidValue(path, group, 'should be a domain with at least one dot')];
}

function validateVersionNames(versions: readonly CustomVersion[], path: string): Findings {
  const names = versions.map(({ name = '' }) => name);
  const found: FieldError[] = names.flatMap((name, at) => {
    const wrong = isDns1035Label(name);
    return wrong.length === 0 ? [] : [invalidValue(child(index(path, at), 'name'), name, wrong.join(','))];
  });
  if (new Set(names).size < names.length) {
    found.push(invalidValue(path, versions, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    found.push(invalidValue(path, versions, 'must have exactly one version marked as storage version'));
  }
  return found;
}

function validateSpec(spec: CustomResourceDefinitionSpec): Findings {
  const { names = {}, versions = [] } = spec;
  const needed = (['plural', 'singular', 'kind', 'listKind'] as const).filter((name) => !names[name]);
  return [
    ...validateGroup(spec.group ?? '', 'spec.group'),
    ...validateEnum(spec.scope, 'spec.scope', ['Cluster', 'Namespaced']),
    ...validateVersions(versions, 'spec.versions'),
    ...validateVersionNames(versions, 'spec.versions'),
    ...needed.map((name) => required(`spec.names.${name}`)),
    ...validateNames(names, 'spec.names'),
    ...validateConversion(spec.conversion, 'spec.conversion'),
  ];
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): Findings {
  const path = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalidValue(path, stored, 'must have at least one stored version')];
  const versions = spec?.versions ?? [];
  const lacking = versions.filter(({ name = '', storage }) => storage === true && !stored.includes(name));
  const gone = stored.flatMap((name, at) => {
    if (versions.some((version) => version.name === name)) return [];
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalidValue(index(path, at), name, detail)];
  });
  return [...lacking.map(({ name }) => invalidValue(path, stored, `must have the storage version ${name}`)), ...gone];
}

function validateApproval({ metadata, spec }: CustomResourceDefinition): Findings {
  if (!isProtectedGroup(spec?.group ?? '')) return [];
  const { state, reason } = approvalOf(metadata?.annotations);
  const path = key('metadata.annotations', APPROVED_ANNOTATION);
  if (state === 'missing') return [required(path, reason)];
  return state === 'invalid' ? [invalidValue(path, metadata?.annotations?.[APPROVED_ANNOTATION], reason)] : [];
}

/** `ValidateCustomResourceDefinition`; the metadata's own rules are checked elsewhere. */
export function validateDefinition(object: CustomResourceDefinition): Findings {
  const { metadata, spec = {}, status = {} } = object;
  const name = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  const keeps =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [
    ...(metadata?.name === name
      ? []
      : [invalidValue('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group')]),
    ...validateSpec(spec),
    ...validateNames(status.acceptedNames ?? {}, 'status.acceptedNames'),
    ...validateStoredVersions(object),
    ...validateApproval(object),
    ...(spec.preserveUnknownFields === true ? [invalidValue('spec.preserveUnknownFields', true, keeps)] : []),
  ];
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true;
}

/** Names that can't change: some never, some not once the definition is established. */
export function validateDefinitionUpdate(object: CustomResourceDefinition, old: CustomResourceDefinition): Findings {
  const { spec = {} } = object;
  const { spec: before = {} } = old;
  const established = isEstablished(old)
    ? [
        ...validateImmutable(spec.scope, before.scope, 'spec.scope'),
        ...validateImmutable(spec.names?.kind, before.names?.kind, 'spec.names.kind'),
      ]
    : [];
  return [
    ...established,
    ...validateImmutable(spec.group, before.group, 'spec.group'),
    ...validateImmutable(spec.names?.plural, before.names?.plural, 'spec.names.plural'),
  ];
}
