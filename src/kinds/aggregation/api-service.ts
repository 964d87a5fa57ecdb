import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ApiService, Draft } from '../types.ts';
import { validateApiService } from './api-service-validation.ts';

type Object = Draft<ApiService>;

const HTTPS = 443;

function service({ spec }: Object): string {
  return spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local';
}

/** `True`, or `False (reason)`. */
function available({ status }: Object): string {
  const found = status?.conditions?.find((condition) => condition.type === 'Available');
  if (!found) return 'Unknown';
  return found.status === 'True' ? 'True' : `${found.status ?? ''} (${found.reason ?? ''})`;
}

function applyDefaults(object: Object): Object {
  const ref = object.spec?.service;
  return ref ? { ...object, spec: { ...object.spec, service: { ...ref, port: ref.port ?? HTTPS } } } : object;
}

/** apiregistration.k8s.io/v1 APIService. */
export const apiServiceKind = defineKind<Object>({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  schema: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  nameRule: 'path-segment',
  columns: [
    nameColumn,
    column('Service', 'string', 'Who serves the version.', service),
    column('Available', 'string', 'Whether it is served.', available),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validateApiService,
  support: {
    level: 'full',
    note: 'Requests for the versions of other servers are sent on to them; their OpenAPI is not published.',
  },
});
