import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts';
import type { Container, PodSpec, Sparse } from '../types.ts';

type Resources = { readonly [name: string]: string } | undefined;

const COMPUTE = ['cpu', 'memory'];

function isPositive(quantity: string | undefined): boolean {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok === true && parsed.value.nano > 0n;
}

function isEqual(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [first, second] = [parseQuantity(a), parseQuantity(b)];
  return first.ok && second.ok && compareQuantities(first.value, second.value) === 0;
}

function usesCompute(container: Sparse<Container>): boolean {
  const { requests, limits } = container.resources ?? {};
  return COMPUTE.some((name) => isPositive(requests?.[name]) || isPositive(limits?.[name]));
}

function isGuaranteed(container: Sparse<Container>): boolean {
  const limits: Resources = container.resources?.limits;
  const requests: Resources = container.resources?.requests;
  return COMPUTE.every(
    (name) => isPositive(limits?.[name]) && isEqual(requests?.[name] ?? limits?.[name], limits?.[name]),
  );
}

/** What a pod asks for as a whole counts instead of what its containers ask for. */
function classOfPod(resources: NonNullable<Sparse<PodSpec>['resources']>): ReturnType<typeof podQosClass> {
  const whole = { resources } as Sparse<Container>;
  if (!usesCompute(whole)) return 'BestEffort';
  return isGuaranteed(whole) ? 'Guaranteed' : 'Burstable';
}

/** `IsPodLevelResourcesSet`: whether the pod asks for something as a whole. */
export function hasOwnResources(resources: Sparse<PodSpec>['resources']): boolean {
  return Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;
}

/** `status.qosClass`: what the requests and limits of all containers promise. */
export function podQosClass(spec: Sparse<PodSpec> | undefined): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  if (spec?.resources !== undefined && hasOwnResources(spec.resources)) return classOfPod(spec.resources);
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  if (!containers.some(usesCompute)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
