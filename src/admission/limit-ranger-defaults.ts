import type { Container, LimitRange, Pod, PodSpec, Sparse } from '../kinds/types.ts';

type List = { readonly [name: string]: string };
interface Defaults {
  readonly requests: List;
  readonly limits: List;
}

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** What a range sets for containers that don't say it themselves. */
function defaultsOf(range: Sparse<LimitRange>): Defaults {
  const items = (range.spec?.limits ?? []).filter((item) => item.type === 'Container');
  return {
    requests: Object.assign({}, ...items.map((item) => item.defaultRequest ?? {})) as List,
    limits: Object.assign({}, ...items.map((item) => item.default ?? {})) as List,
  };
}

function missing(defaults: List, given: List | undefined): readonly string[] {
  return Object.keys(defaults)
    .filter((name) => !Object.hasOwn(given ?? {}, name))
    .sort();
}

function pick(list: List, names: readonly string[]): List {
  return Object.fromEntries(names.map((name) => [name, list[name] ?? '']));
}

interface Filled {
  readonly container: Container;
  /** What was set, in words. */
  readonly notes: readonly string[];
}

function fill(container: Container, defaults: Defaults, word: string): Filled {
  const { requests, limits, ...rest } = container.resources ?? {};
  const [newRequests, newLimits] = [missing(defaults.requests, requests), missing(defaults.limits, limits)];
  if (newRequests.length + newLimits.length === 0) return { container, notes: [] };
  const note = (names: readonly string[], what: string) =>
    names.length > 0 ? [`${names.join(', ')} ${what} for ${word} ${container.name}`] : [];
  const resources = {
    ...rest,
    ...(requests || newRequests.length > 0
      ? { requests: { ...requests, ...pick(defaults.requests, newRequests) } }
      : {}),
    ...(limits || newLimits.length > 0 ? { limits: { ...limits, ...pick(defaults.limits, newLimits) } } : {}),
  };
  return {
    container: { ...container, resources },
    notes: [...note(newRequests, 'request'), ...note(newLimits, 'limit')],
  };
}

/** A pod with a LimitRange's defaults in its containers, and an annotation that says so. */
export function withContainerDefaults(pod: Pod, range: Sparse<LimitRange>): Pod {
  const defaults = defaultsOf(range);
  const containers = (pod.spec?.containers ?? []).map((each) => fill(each, defaults, 'container'));
  const init = (pod.spec?.initContainers ?? []).map((each) => fill(each, defaults, 'init container'));
  const notes = [...containers, ...init].flatMap((filled) => filled.notes);
  if (notes.length === 0) return pod;
  const spec = {
    ...pod.spec,
    containers: containers.map((filled) => filled.container),
    ...(pod.spec?.initContainers ? { initContainers: init.map((filled) => filled.container) } : {}),
  };
  const annotations = { ...pod.metadata?.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec: spec as PodSpec };
}
