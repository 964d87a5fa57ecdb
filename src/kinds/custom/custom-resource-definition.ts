import { isKnownFormat } from '../../machinery/structural/formats.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { CustomConversion, CustomResourceDefinition } from './types.ts';
import { validateDefinition, validateDefinitionUpdate } from './validate-definition.ts';

const HTTPS = 443;

function withStoredVersion(object: CustomResourceDefinition): CustomResourceDefinition {
  const storage = object.spec?.versions?.find((version) => version.storage === true)?.name;
  const stored = object.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return object;
  return { ...object, status: { ...object.status, storedVersions: [...stored, storage] } };
}

function withPort(conversion: CustomConversion): CustomConversion {
  const client = conversion.webhook?.clientConfig;
  if (client?.service === undefined) return conversion;
  const service = { ...client.service, port: client.service.port ?? HTTPS };
  return { ...conversion, webhook: { ...conversion.webhook, clientConfig: { ...client, service } } };
}

function applyDefaults(object: CustomResourceDefinition): CustomResourceDefinition {
  const { spec = {} } = object;
  const { names = {}, conversion = { strategy: 'None' } } = spec;
  const { kind = '' } = names;
  const named = {
    ...names,
    singular: names.singular || kind.toLowerCase(),
    listKind: names.listKind || (kind === '' ? '' : `${kind}List`),
  };
  return withStoredVersion({ ...object, spec: { ...spec, names: named, conversion: withPort(conversion) } });
}

function partsOf(schema: StructuralSchema): readonly StructuralSchema[] {
  const { properties = {}, items, additionalProperties: values, not } = schema;
  const junctors = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const single = [items, typeof values === 'object' ? values : undefined, not];
  return [...Object.values(properties), ...junctors, ...single.filter((each) => each !== undefined)];
}

function schemaWarnings(schema: StructuralSchema): readonly string[] {
  const { format = '', items } = schema;
  const type = items?.type ?? '';
  const compound = schema['x-kubernetes-list-type'] === 'set' && (type === 'object' || type === 'array');
  const set = `x-kubernetes-list-type: set for items of type "${type}" is not supported by server-side apply or CEL validation rules`;
  return [
    ...(format === '' || isKnownFormat(format) ? [] : [`unrecognized format "${format}"`]),
    ...(compound ? [set] : []),
    ...partsOf(schema).flatMap(schemaWarnings),
  ];
}

function warningsOf(object: CustomResourceDefinition | undefined): readonly string[] {
  return (object?.spec?.versions ?? []).flatMap(({ schema }) =>
    schema?.openAPIV3Schema === undefined ? [] : schemaWarnings(schema.openAPIV3Schema),
  );
}

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const customResourceDefinitionKind = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  tracksGeneration: true,
  requiresVersion: true,
  freeFinalizers: true,
  columns: [nameColumn, createdAtColumn],
  defaults: applyDefaults,
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  warnings: (object, old) => {
    const before = new Set(warningsOf(old));
    return [...new Set(warningsOf(object))].filter((warning) => !before.has(warning));
  },
  support: { level: 'full', note: 'Served at once, in every version; converted by name or by webhook.' },
});
