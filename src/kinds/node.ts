import { ageColumn, column, nameColumn, orElse, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateNode, validateNodeUpdate } from './node-validation.ts';
import { validateNodeStatus } from './status/other-statuses.ts';
import { nodeProxySubresource, statusSubresource } from './subresources.ts';
import type { Draft, Node } from './types.ts';

type Object = Draft<Node>;

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function readiness(node: Object): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  return [...words, ...(node.spec?.unschedulable ? ['SchedulingDisabled'] : [])].join(',');
}

function roles(node: Object): string {
  const found = Object.entries(node.metadata?.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith(ROLE_PREFIX)) return label === ROLE_PREFIX ? [] : [label.slice(ROLE_PREFIX.length)];
    return label === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return orElse([...new Set(found)].sort().join(','), '<none>');
}

function address(node: Object, type: string): string {
  return orElse(node.status?.addresses?.find((each) => each.type === type)?.address, '<none>');
}

function withAllocatable(node: Object): Object {
  if (node.status?.allocatable || !node.status?.capacity) return node;
  return { ...node, status: { ...node.status, allocatable: node.status.capacity } };
}

/** core/v1 Node: this host. */
export const nodeKind = defineKind<Object>({
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  subresources: [nodeProxySubresource, statusSubresource],
  columns: [
    nameColumn,
    column('Status', 'string', 'Readiness, and whether new pods are kept away.', readiness),
    column('Roles', 'string', 'Roles, from the labels.', roles),
    ageColumn,
    column('Version', 'string', 'Version of the agent.', (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', 'string', 'First internal address.', (o) => address(o, 'InternalIP')),
    wideColumn('External-IP', 'string', 'First external address.', (o) => address(o, 'ExternalIP')),
    wideColumn('OS-Image', 'string', 'Operating system.', (o) => orElse(o.status?.nodeInfo?.osImage, '<unknown>')),
    wideColumn('Kernel-Version', 'string', 'Kernel.', (o) => orElse(o.status?.nodeInfo?.kernelVersion, '<unknown>')),
    wideColumn('Container-Runtime', 'string', 'Container engine.', (o) =>
      orElse(o.status?.nodeInfo?.containerRuntimeVersion, '<unknown>'),
    ),
  ],
  selectableFields: { 'spec.unschedulable': (o) => String(o.spec?.unschedulable ?? false) },
  // Unlike elsewhere, create keeps the status: a node registers itself with it.
  prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
  defaults: withAllocatable,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateThrough: { status: validateNodeStatus },
  support: { level: 'partial', note: 'One node: this host. Taints and unschedulable are honoured for new pods.' },
});
