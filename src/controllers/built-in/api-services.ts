import type { BuiltIn } from './built-in.ts';

/** Priorities of upstream's own groups; any other group comes after them. */
const GROUP_PRIORITY: { readonly [group: string]: number } = {
  '': 18_000,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  apps: 17_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 16_000,
};
const OTHER_PRIORITY = 1000;
const AVAILABLE = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

/** Says who keeps an APIService: `onstart` for the house's own groups, `true` for those that come and go. */
export const MANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';

interface Version {
  readonly group: string;
  readonly version: string;
}

/** The APIService of a version of a custom group. */
export function customApiServiceFor({ group, version }: Version): BuiltIn {
  const spec = { group, version, groupPriorityMinimum: OTHER_PRIORITY, versionPriority: 100 };
  const metadata = { name: `${version}.${group}`, labels: { [MANAGED_LABEL]: 'true' } };
  const object = { metadata, spec, status: { conditions: [AVAILABLE] } };
  return { resource: 'apiregistration.k8s.io/apiservices', object };
}

/** The APIService of a group and version that this server serves itself. */
export function apiServiceFor({ group, version }: Version): BuiltIn {
  const labels = { [MANAGED_LABEL]: 'onstart' };
  const priority = Object.hasOwn(GROUP_PRIORITY, group) ? (GROUP_PRIORITY[group] ?? OTHER_PRIORITY) : OTHER_PRIORITY;
  const spec = {
    ...(group === '' ? {} : { group }),
    version,
    groupPriorityMinimum: priority,
    versionPriority: version === 'v2' ? 30 : group === '' ? 1 : 15,
  };
  const object = { metadata: { name: `${version}.${group}`, labels }, spec, status: { conditions: [AVAILABLE] } };
  return { resource: 'apiregistration.k8s.io/apiservices', object };
}
