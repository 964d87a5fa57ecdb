import type { KubernetesObject } from '../machinery/object.ts';
import { column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';

/** v1 ComponentStatus, as far as clients know it. */
export interface ComponentStatus extends KubernetesObject {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
    readonly error?: string;
  }[];
}

const STATES: { readonly [status: string]: string } = { True: 'Healthy', False: 'Unhealthy' };

function healthOf({ conditions = [] }: ComponentStatus) {
  return conditions.find(({ type }) => type === 'Healthy');
}

/** v1 ComponentStatus: an old question, still asked by `kubectl get cs`. */
export const componentStatusKind = defineKind<ComponentStatus>({
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  namespaced: false,
  verbs: ['get', 'list'],
  virtual: true,
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether it is well.', (o) => STATES[healthOf(o)?.status ?? ''] ?? 'Unknown'),
    column('Message', 'string', 'What it says.', (o) => healthOf(o)?.message ?? ''),
    column('Error', 'string', 'What is wrong.', (o) => healthOf(o)?.error ?? ''),
  ],
  warnings: () => ['v1 ComponentStatus is deprecated in v1.19+'],
  support: { level: 'full', note: 'All parts are one process: they are well when it answers.' },
});
