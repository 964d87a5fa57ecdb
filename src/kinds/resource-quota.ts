import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateResourceQuota, validateResourceQuotaUpdate } from './resource-quota-validation.ts';
import type { Draft, ResourceQuota } from './types.ts';

type Object = Draft<ResourceQuota>;

/** `cpu: 1/4, pods: 2/10` for the resources that `select` picks. */
function usage(quota: Object, select: (resource: string) => boolean): string {
  const { hard = {}, used = {} } = quota.status ?? {};
  return Object.keys(hard)
    .filter(select)
    .sort()
    .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource]}`)
    .join(', ');
}

const isLimit = (resource: string): boolean => resource.startsWith('limits.');

/** core/v1 ResourceQuota. */
export const resourceQuotaKind = defineKind<Object>({
  kind: 'ResourceQuota',
  shortNames: ['quota'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Request', 'string', 'Used of what may be requested.', (o) => usage(o, (each) => !isLimit(each))),
    column('Limit', 'string', 'Used of what limits may add up to.', (o) => usage(o, isLimit)),
    ageColumn,
  ],
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  support: { level: 'full', note: 'Enforced, and counted in its status.' },
});
