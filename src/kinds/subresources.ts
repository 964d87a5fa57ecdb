import type { Subresource } from './definition.ts';

/** `status`, of the kind's own type. */
export const statusSubresource: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };

/** `scale`, as `autoscaling/v1` Scale. */
export const scaleSubresource: Subresource = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
};

function core(name: string, kind: string, verbs: readonly string[]): Subresource {
  return { name, verbs, kind: { group: '', version: 'v1', kind } };
}

/** What a pod has beside `status`. */
export const podSubresources: readonly Subresource[] = [
  core('attach', 'PodAttachOptions', ['create', 'get']),
  core('binding', 'Binding', ['create']),
  { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
  { name: 'eviction', verbs: ['create'], kind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  core('exec', 'PodExecOptions', ['create', 'get']),
  { name: 'log', verbs: ['get'] },
  core('portforward', 'PodPortForwardOptions', ['create', 'get']),
  { name: 'resize', verbs: ['get', 'patch', 'update'] },
];
