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

/** Every verb: what comes is handed on. */
const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

/** `proxy`, to what is behind a Service. */
export const serviceProxySubresource = core('proxy', 'ServiceProxyOptions', PROXY_VERBS);

/** `proxy`, to the node itself. */
export const nodeProxySubresource = core('proxy', 'NodeProxyOptions', PROXY_VERBS);

/** What a pod has beside `status`. */
export const podSubresources: readonly Subresource[] = [
  core('attach', 'PodAttachOptions', ['create', 'get']),
  core('binding', 'Binding', ['create']),
  { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
  { name: 'eviction', verbs: ['create'], kind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  core('exec', 'PodExecOptions', ['create', 'get']),
  { name: 'log', verbs: ['get'] },
  core('portforward', 'PodPortForwardOptions', ['create', 'get']),
  core('proxy', 'PodProxyOptions', PROXY_VERBS),
  { name: 'resize', verbs: ['get', 'patch', 'update'] },
];
