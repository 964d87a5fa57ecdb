import { defineKind } from './define-kind.ts';
import { serviceColumns } from './service-columns.ts';
import { applyServiceDefaults } from './service-defaults.ts';
import { dropTypeDependent } from './service-type-change.ts';
import { keepAllocated } from './service-update.ts';
import { validateService, validateServiceUpdate } from './service-validation.ts';
import { serviceWarnings } from './service-warnings.ts';
import { serviceProxySubresource } from './subresources.ts';
import type { Draft, Service } from './types.ts';

/** core/v1 Service. Addresses and node ports are allocated by admission. */
export const serviceKind = defineKind<Draft<Service>>({
  kind: 'Service',
  createsOnUpdate: true,
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  subresources: [serviceProxySubresource],
  nameRule: 'dns-label',
  columns: serviceColumns,
  selectableFields: {
    'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
    'spec.type': (service) => service.spec?.type ?? '',
  },
  prepareForUpdate: (service, old) => dropTypeDependent(keepAllocated(service, old), old),
  defaults: applyServiceDefaults,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  support: {
    level: 'full',
    note: 'Addresses of one or both families; load balancers are at the node’s addresses. trafficDistribution has no effect: there is one node.',
  },
});
