import { defineKind } from '../kinds/define-kind.ts';
import { namespaceKind } from '../kinds/namespace.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';

/** Any object as the tests look at it. */
export interface Shown extends KubernetesObject {
  readonly data?: { readonly [key: string]: string };
  readonly spec?: { readonly [field: string]: unknown };
  readonly status?: { readonly [field: string]: unknown };
}

/** Validation that a test can trip. */
export const configMaps = defineKind<Shown>({
  kind: 'ConfigMap',
  validate: (o) => (o.data?.['bad'] ? [invalidValue('data[bad]', 'x', 'must not be')] : []),
  validateUpdate: (o, old) =>
    old.data?.['fixed'] === o.data?.['fixed'] ? [] : [invalidValue('data[fixed]', 'x', 'field is immutable')],
  warnings: (o) => (o.data?.['old'] ? ['data[old]: deprecated'] : []),
});
/** Status, generations and a default. */
export const deployments = defineKind<Shown>({
  group: 'apps',
  kind: 'Deployment',
  hasStatus: true,
  tracksGeneration: true,
  defaults: (o) => ({ ...o, spec: { replicas: 1, ...o.spec } }),
  selectableFields: { 'spec.replicas': (o) => String(o.spec?.['replicas'] ?? '') },
});
/** Thirty seconds of grace. */
export const graceful = defineKind<Shown>({
  kind: 'Pod',
  hasStatus: true,
  deletionGraceSeconds: () => 30,
  tracksGeneration: true,
});
/** Nothing particular. */
export const serviceAccounts = defineKind({ kind: 'ServiceAccount' });
/** All of them. */
export const catalogue = [configMaps, deployments, graceful, namespaceKind, serviceAccounts];

/** Key in the namespace of the tests. */
export const at = (name: string) => ({ namespace: 'shop', name });
/** Body of a ConfigMap. */
export const map = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
/** Body of a Deployment. */
export const deployment = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { selector: {}, template: {}, ...spec },
});
/** `<code> <message>` of the StatusError that work ends with. */
export async function statusOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
  return 'no error';
}
