import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { Draft, ServiceAccount } from './types.ts';

type Object = Draft<ServiceAccount>;

/** core/v1 ServiceAccount. */
export const serviceAccountKind = defineKind<Object>({
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  subresources: [
    {
      name: 'token',
      verbs: ['create'],
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    },
  ],
  columns: [nameColumn, column('Secrets', 'string', 'Number of secrets.', (o) => o.secrets?.length ?? 0), ageColumn],
  support: { level: 'full', note: 'Pods run under it and find its token mounted.' },
});
