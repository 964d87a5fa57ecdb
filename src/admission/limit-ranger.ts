import { type Amounts, amountsOf } from '../kinds/quota/amounts.ts';
import { podRequirements } from '../kinds/quota/pod-requirements.ts';
import type { Container, LimitRange, PersistentVolumeClaim, Pod, PodSpec, Sparse } from '../kinds/types.ts';
import { forbidden, type StatusError } from '../machinery/status-error.ts';
import { withContainerDefaults } from './limit-ranger-defaults.ts';
import { maxProblems, minProblems, ratioProblems, type Usage } from './limit-ranger-rules.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';

type Item = NonNullable<NonNullable<Sparse<LimitRange>['spec']>['limits']>[number];

function rangesIn(lookup: AdmissionLookup, namespace: string): readonly Sparse<LimitRange>[] {
  const ranges = lookup.list('/limitranges') as readonly Sparse<LimitRange>[];
  return ranges.filter((range) => range.metadata?.namespace === namespace);
}

function itemsOf(ranges: readonly Sparse<LimitRange>[], type: string): readonly Item[] {
  return ranges.flatMap((range) => range.spec?.limits ?? []).filter((item) => item.type === type);
}

function problems(item: Item, usage: Usage): readonly string[] {
  const { type = '' } = item;
  return [
    ...minProblems(type, amountsOf(item.min), usage),
    ...maxProblems(type, amountsOf(item.max), usage),
    ...ratioProblems(type, amountsOf(item.maxLimitRequestRatio), usage),
  ];
}

function containerUsage(container: Sparse<Container>): Usage {
  return { requests: amountsOf(container.resources?.requests), limits: amountsOf(container.resources?.limits) };
}

function podProblems(ranges: readonly Sparse<LimitRange>[], spec: PodSpec | undefined): readonly string[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const whole = { requests: podRequirements(spec, 'requests'), limits: podRequirements(spec, 'limits') };
  return [
    ...itemsOf(ranges, 'Container').flatMap((item) =>
      containers.flatMap((container) => problems(item, containerUsage(container))),
    ),
    ...itemsOf(ranges, 'Pod').flatMap((item) => problems(item, whole)),
  ];
}

/** A claim has requests only: they are what is limited. */
function claimProblems(ranges: readonly Sparse<LimitRange>[], claim: PersistentVolumeClaim): readonly string[] {
  const requests: Amounts = amountsOf(claim.spec?.resources?.requests);
  return itemsOf(ranges, 'PersistentVolumeClaim').flatMap((item) => [
    ...minProblems('PersistentVolumeClaim', amountsOf(item.min), { requests, limits: new Map() }),
    ...maxProblems('PersistentVolumeClaim', amountsOf(item.max), { requests: new Map(), limits: requests }, 'request'),
  ]);
}

function refuse(request: AdmissionRequest, found: readonly string[]): StatusError | undefined {
  if (found.length === 0) return undefined;
  const distinct = [...new Set(found)];
  const why = distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
  return forbidden({ group: '', resource: request.kind.plural, name: request.key.name }, why);
}

function validate(request: AdmissionRequest, lookup: AdmissionLookup): StatusError | undefined {
  const isPod = isAbout(request, '/pods') && request.operation === 'CREATE';
  const isClaim = isAbout(request, '/persistentvolumeclaims') && request.operation !== 'DELETE';
  if (!isPod && !isClaim) return undefined;
  const ranges = rangesIn(lookup, request.key.namespace);
  if (ranges.length === 0) return undefined;
  const { object } = request;
  return refuse(
    request,
    isPod ? podProblems(ranges, (object as Pod).spec) : claimProblems(ranges, object as PersistentVolumeClaim),
  );
}

/** Pods and claims get the defaults of their namespace's LimitRanges, and stay within their bounds. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate: (request, lookup) => {
    if (request.operation !== 'CREATE' || !isAbout(request, '/pods')) return request.object;
    const ranges = rangesIn(lookup, request.key.namespace);
    return ranges.reduce((pod, range) => withContainerDefaults(pod, range), request.object as Pod);
  },
  validate,
};
