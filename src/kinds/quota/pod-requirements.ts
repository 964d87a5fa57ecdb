import type { Container, PodSpec, Sparse } from '../types.ts';
import { type Amounts, addAmounts, amountsOf, maxAmounts } from './amounts.ts';

type Which = 'requests' | 'limits';
type Spec = Sparse<PodSpec>;

function amountsIn(container: Sparse<Container>, which: Which): Amounts {
  return amountsOf(container.resources?.[which]);
}

/** Init containers run one by one, each beside the sidecars that started before it. */
function peakOfInit(spec: Spec, which: Which): { readonly peak: Amounts; readonly sidecars: Amounts } {
  let sidecars: Amounts = new Map();
  let peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = amountsIn(container, which);
    if (container.restartPolicy === 'Always') sidecars = addAmounts(sidecars, own);
    peak = maxAmounts(peak, container.restartPolicy === 'Always' ? sidecars : addAmounts(sidecars, own));
  }
  return { peak, sidecars };
}

/** `AggregateContainerRequests` and `AggregateContainerLimits`: what the containers need at once. */
export function containerRequirements(spec: Spec, which: Which): Amounts {
  const { peak, sidecars } = peakOfInit(spec, which);
  const running = (spec.containers ?? []).map((container) => amountsIn(container, which));
  return maxAmounts(addAmounts(sidecars, ...running), peak);
}

/**
 * `PodRequests` and `PodLimits`: what a pod needs at once. Its own resources, where it has them, count instead of its
 * containers'; the overhead of its runtime comes on top.
 */
export function podRequirements(spec: Spec | undefined, which: Which): Amounts {
  if (!spec) return new Map();
  const containers = containerRequirements(spec, which);
  const own = amountsOf(spec.resources?.[which]);
  const needed = new Map([...containers, ...own]);
  const overhead = amountsOf(spec.overhead);
  // Without a limit there is nothing that the overhead could be added to.
  const counted = which === 'requests' ? overhead : new Map([...overhead].filter(([name]) => needed.has(name)));
  return addAmounts(needed, counted);
}
