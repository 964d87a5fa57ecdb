import type { KubernetesObject } from '../../machinery/object.ts';
import { defaultStructural } from '../../machinery/structural/default-structural.ts';
import { parseJsonPath, readJsonPath } from '../../machinery/structural/json-path.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import { defineKind } from '../define-kind.ts';
import type { CustomStorage, KindDefinition, ScalePaths, Subresource } from '../definition.ts';
import { scaleSubresource } from '../subresources.ts';
import { customColumns } from './columns.ts';
import { customSchema } from './custom-schema.ts';
import { customSchemaName } from './published-schema.ts';
import { compileRules } from './rules.ts';
import type { CustomNames, CustomResourceDefinition, CustomScale, CustomVersion } from './types.ts';
import { type ObjectRules, validateObject, validateObjectUpdate } from './validate-object.ts';

type SelectableFields = KindDefinition['selectableFields'];

/** Nothing is known of fields below the root: they are pruned. */
const EMPTY: StructuralSchema = { type: 'object' };

function isTrue(crd: CustomResourceDefinition, type: string): boolean {
  return crd.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

/** Names that are served: those that no other definition of the group had before. */
function namesOf({ spec, status }: CustomResourceDefinition): CustomNames {
  return status?.acceptedNames?.plural ? status.acceptedNames : (spec?.names ?? {});
}

function stepsOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}

function scalePaths(scale: CustomScale | undefined): ScalePaths | undefined {
  if (scale === undefined) return undefined;
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  return {
    specReplicas: stepsOf(specReplicasPath),
    statusReplicas: stepsOf(statusReplicasPath),
    ...(labelSelectorPath === '' ? {} : { labelSelector: stepsOf(labelSelectorPath) }),
  };
}

function selectableFields({ selectableFields: fields = [] }: CustomVersion): SelectableFields {
  return Object.fromEntries(
    fields.map(({ jsonPath = '' }) => {
      const parsed = parseJsonPath(jsonPath);
      const read = (object: KubernetesObject): unknown =>
        parsed.ok ? readJsonPath(object, parsed.value)[0] : undefined;
      return [jsonPath.replace(/^\./, ''), (object: KubernetesObject) => String(read(object) ?? '')] as const;
    }),
  );
}

const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

function finalizerWarnings(object: KubernetesObject, old: KubernetesObject | undefined): readonly string[] {
  const before = old?.metadata?.finalizers ?? [];
  const odd = (object.metadata?.finalizers ?? []).filter(
    (name) => !before.includes(name) && !name.includes('/') && !STANDARD_FINALIZERS.includes(name),
  );
  return odd.sort().map((name) => {
    const path = name.includes('.') ? ' including a path (/)' : '';
    const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return `metadata.finalizers: "${name}": ${advice}`;
  });
}

function deprecationOf(crd: CustomResourceDefinition, version: CustomVersion): readonly string[] {
  if (version.deprecated !== true) return [];
  const type = `${crd.spec?.group}/${version.name} ${namesOf(crd).kind}`;
  return [version.deprecationWarning ?? `${type} is deprecated`];
}

/** Verbs of a kind whose definition is going: what is there can be seen and deleted. */
const LEAVING = ['delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function subresourcesOf(scale: ScalePaths | undefined): readonly Subresource[] {
  return scale === undefined ? [] : [{ ...scaleSubresource, scale }];
}

function namesFor(crd: CustomResourceDefinition) {
  const {
    plural = '',
    singular = '',
    kind = '',
    listKind = `${kind}List`,
    shortNames = [],
    categories = [],
  } = namesOf(crd);
  return { plural, singular, kind, listKind, shortNames, categories };
}

/** Where the objects of a definition's versions are. */
function storageOf({ spec }: CustomResourceDefinition): Omit<CustomStorage, 'refine'> {
  const stored = spec?.versions?.find(({ storage }) => storage === true)?.name ?? '';
  const apiVersion = `${spec?.group}/${stored}`;
  const { strategy, webhook } = spec?.conversion ?? {};
  if (strategy !== 'Webhook') return { apiVersion };
  const { clientConfig = {}, conversionReviewVersions: reviewVersions = [] } = webhook ?? {};
  return { apiVersion, webhook: { clientConfig, reviewVersions } };
}

function versionOf(crd: CustomResourceDefinition, version: CustomVersion): KindDefinition {
  const names = namesFor(crd);
  const gvk = { group: crd.spec?.group ?? '', version: version.name ?? '', kind: names.kind };
  const schema = version.schema?.openAPIV3Schema ?? EMPTY;
  const scale = scalePaths(version.subresources?.scale);
  const rules: ObjectRules = { schema, rules: compileRules(schema), ...(scale === undefined ? {} : { scale }) };
  const fields = selectableFields(version);
  const deprecation = deprecationOf(crd, version);
  const definition = defineKind<KubernetesObject>({
    ...names,
    ...gvk,
    namespaced: crd.spec?.scope !== 'Cluster',
    hasStatus: version.subresources?.status !== undefined,
    tracksGeneration: true,
    requiresVersion: true,
    ratchets: true,
    freeFinalizers: true,
    schema: customSchemaName(gvk),
    custom: customSchema(schema, { ...names, ...gvk, selectableFields: Object.keys(fields) }, storageOf(crd)),
    columns: customColumns(version.additionalPrinterColumns),
    selectableFields: fields,
    subresources: subresourcesOf(scale),
    validate: (object) => validateObject(rules, object),
    validateUpdate: (object, old) => validateObjectUpdate(rules, object, old),
    warnings: (object, old) => [...deprecation, ...finalizerWarnings(object, old)],
    support: { level: 'full', note: 'Comes from a CustomResourceDefinition.' },
    ...(isTrue(crd, 'Terminating') ? { verbs: LEAVING } : {}),
  });
  return { ...definition, applyDefaults: (object) => defaultStructural(object, schema) };
}

/** The version in which objects are stored; undefined where the definition names none. */
export function storedDefinition(crd: CustomResourceDefinition): KindDefinition | undefined {
  const version = crd.spec?.versions?.find(({ storage }) => storage === true);
  return version && versionOf(crd, version);
}

/** Every kind that a definition has served: none before it is established. */
export function definitionsOfCustomResource(crd: CustomResourceDefinition): readonly KindDefinition[] {
  if (!isTrue(crd, 'Established')) return [];
  const served = (crd.spec?.versions ?? []).filter((version) => version.served === true);
  return served.map((version) => versionOf(crd, version));
}
