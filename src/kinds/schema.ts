import generated from './schema.generated.json' with { type: 'json' };
import { apiServiceSchemas } from './schemas/api-service.ts';
import { metricsSchemas } from './schemas/metrics.ts';
import { routeSchemas } from './schemas/route.ts';
import type { Schema } from './schemas/schema.ts';
import { securityContextConstraintsSchemas } from './schemas/security-context-constraints.ts';

export type { Schema } from './schemas/schema.ts';

/**
 * Every schema by its OpenAPI v3 name, e.g. `io.k8s.api.core.v1.Pod`: those of Kubernetes 1.36, and the ones that are
 * written by hand.
 */
export const schemas: { readonly [name: string]: Schema } = {
  ...(generated as unknown as { [name: string]: Schema }),
  ...apiServiceSchemas,
  ...metricsSchemas,
  ...routeSchemas,
  ...securityContextConstraintsSchemas,
};

const REF = '#/components/schemas/';

/** The schema of that name, or undefined. */
export function findSchema(name: string): Schema | undefined {
  return Object.hasOwn(schemas, name) ? schemas[name] : undefined;
}

/** Name of the schema that `$ref` points to, or undefined where there is no reference. */
export function referenceOf(schema: Schema): string | undefined {
  return schema.$ref?.startsWith(REF) ? schema.$ref.slice(REF.length) : undefined;
}

/** The schema itself, or what it refers to. */
export function resolveSchema(schema: Schema): Schema {
  const name = referenceOf(schema);
  return name === undefined ? schema : (findSchema(name) ?? {});
}
