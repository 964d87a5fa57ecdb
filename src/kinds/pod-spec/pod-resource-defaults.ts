import { listOf } from '../quota/amounts.ts';
import { containerRequirements } from '../quota/pod-requirements.ts';
import type { PodSpec, Sparse } from '../types.ts';
import { hasOwnResources } from './qos.ts';
import { isHugePages } from './resources-validation.ts';

type Spec = Sparse<PodSpec>;
type List = { readonly [name: string]: string };

const COMPUTE = ['cpu', 'memory'];

function only(list: List, isWanted: (name: string) => boolean): List {
  return Object.fromEntries(Object.entries(list).filter(([name]) => isWanted(name)));
}

/** `defaultHugePagePodLimits`: the containers' together, unless the pod says itself what it asks for. */
function limitsOf(spec: Spec): List {
  const { limits = {}, requests = {} } = spec.resources ?? {};
  const all = listOf(containerRequirements(spec, 'limits'));
  return { ...only(all, (name) => isHugePages(name) && requests[name] === undefined), ...limits };
}

/** `defaultPodRequests`: the containers' together, or else the limits. */
function requestsOf(spec: Spec, limits: List): List {
  const all = listOf(containerRequirements(spec, 'requests'));
  const isOwn = (name: string): boolean => COMPUTE.includes(name) || isHugePages(name);
  return { ...only(limits, isOwn), ...only(all, (name) => COMPUTE.includes(name)), ...spec.resources?.requests };
}

/** What a pod that asks for something as a whole asks for in all; its containers have their defaults. */
export function podResourceDefaults(spec: Spec): Spec['resources'] {
  const { resources } = spec;
  if (resources === undefined || !hasOwnResources(resources)) return resources;
  const limits = limitsOf(spec);
  if (Object.keys(limits).length === 0) return resources;
  return { ...resources, limits, requests: requestsOf(spec, limits) };
}
