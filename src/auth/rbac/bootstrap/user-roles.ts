import type { ClusterRole } from '../../../kinds/types.ts';
import { aggregatedRole, allow, clusterRole, RBAC_GROUP, READ, WRITE } from './build.ts';

const SCALED = 'deployments deployments/scale replicasets replicasets/scale';
const WORKLOADS = `daemonsets ${SCALED}`;
const LEGACY = `${WORKLOADS} ingresses networkpolicies replicationcontrollers/scale`;

/** What may be seen in a namespace: everything but Secrets, roles and bindings, which lead further. */
const viewRules = [
  allow(
    READ,
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  allow(
    READ,
    '',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  allow(READ, '', 'namespaces'),
  allow(READ, 'discovery.k8s.io', 'endpointslices'),
  allow(
    READ,
    'apps',
    `controllerrevisions ${WORKLOADS} statefulsets statefulsets/scale daemonsets/status deployments/status replicasets/status statefulsets/status`,
  ),
  allow(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  allow(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  allow(READ, 'extensions', `${LEGACY} daemonsets/status deployments/status ingresses/status replicasets/status`),
  allow(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  allow(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  allow(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
];

/** What may be changed in a namespace beside what may be seen. */
const editRules = [
  allow(READ, '', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  allow('impersonate', '', 'serviceaccounts'),
  allow(WRITE, '', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  allow('create', '', 'pods/eviction'),
  allow(
    WRITE,
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  allow('create', '', 'serviceaccounts/token'),
  allow(WRITE, 'apps', `${WORKLOADS} deployments/rollback statefulsets statefulsets/scale`),
  allow(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  allow(WRITE, 'batch', 'cronjobs jobs'),
  allow(WRITE, 'extensions', `${LEGACY} deployments/rollback`),
  allow(WRITE, 'policy', 'poddisruptionbudgets'),
  allow(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
  allow(`${READ} ${WRITE}`, 'coordination.k8s.io', 'leases'),
  allow(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
];

/** What makes an editor an administrator of the namespace. */
const adminRules = [
  allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  allow(`${READ} ${WRITE}`, RBAC_GROUP, 'rolebindings roles'),
];

/** Roles made to be bound to people: `admin` contains `edit` contains `view`, and each takes in labelled roles. */
export function userRoles(): readonly ClusterRole[] {
  return [
    aggregatedRole('admin'),
    aggregatedRole('edit', 'admin'),
    aggregatedRole('view', 'edit'),
    clusterRole('system:aggregate-to-admin', adminRules, 'admin'),
    clusterRole('system:aggregate-to-edit', editRules, 'edit'),
    clusterRole('system:aggregate-to-view', viewRules, 'view'),
    clusterRole('system:aggregated-metrics-reader', [allow(READ, 'metrics.k8s.io', 'nodes pods')], 'view'),
  ];
}
