import type { ComponentStatus } from '../kinds/component-status.ts';
import { notFound } from '../machinery/status-error.ts';
import type { Reading } from './services.ts';

/** Names under which clients look for the control plane's parts. */
const NAMES = ['scheduler', 'controller-manager', 'etcd-0'] as const;

function well(name: string): ComponentStatus {
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }];
  return { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions };
}

/** The control plane is one process, so that whoever gets an answer gets a good one. */
export const componentStatuses: Reading = {
  list: async () => NAMES.map(well),
  get: async ({ name }) => {
    if (NAMES.some((known) => known === name)) return well(name);
    throw notFound({ group: '', resource: 'componentstatuses', name });
  },
};
