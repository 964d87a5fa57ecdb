import type { Node } from '../kinds/types.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import type { Resources } from './resources.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** What the controller needs. */
export interface NodeConditionTaintsOptions {
  readonly resources: Resources;
  readonly clock: Clock;
}

const EFFECT = 'NoSchedule';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Taints by condition and its status. */
const TAINTS: { readonly [condition: string]: { readonly [status: string]: string } } = {
  Ready: { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};

const OURS: ReadonlySet<string> = new Set([...Object.values(TAINTS).flatMap(Object.values<string>), UNSCHEDULABLE]);

function wantedKeys({ spec, status }: Node): readonly string[] {
  const found = (status?.conditions ?? []).flatMap((one) => TAINTS[one.type]?.[one.status] ?? []);
  return spec?.unschedulable === true ? [...found, UNSCHEDULABLE] : found;
}

/** The node's taints as its conditions ask for them, others kept; undefined when they are so. Pure. */
export function conditionTaints(node: Node, now: number): readonly Taint[] | undefined {
  const taints = node.spec?.taints ?? [];
  const wanted = wantedKeys(node);
  const isOurs = ({ key, effect }: Taint): boolean => effect === EFFECT && OURS.has(key);
  const kept = taints.filter((taint) => !isOurs(taint) || wanted.includes(taint.key));
  const missing = wanted.filter((key) => !kept.some((taint) => isOurs(taint) && taint.key === key));
  if (missing.length === 0 && kept.length === taints.length) return undefined;
  return [...kept, ...missing.map((key) => ({ key, effect: EFFECT, timeAdded: formatTime(now) }))];
}

/** Keeps new pods from nodes that are short of something, or cordoned: part of upstream's node lifecycle controller. */
export function nodeConditionTaints({ resources, clock }: NodeConditionTaintsOptions): Controller {
  const change = (node: Node): Node | undefined => {
    const taints = conditionTaints(node, clock.now());
    if (taints === undefined) return undefined;
    const { taints: _, ...spec } = node.spec ?? {};
    return { ...node, spec: taints.length === 0 ? spec : { ...spec, taints: [...taints] } };
  };
  return {
    name: 'node-condition-taints',
    inputs: [{ resource: '/nodes', keys: ({ type, entry }) => (type === 'DELETED' ? [] : [nameOf(entry.object)]) }],
    outputs: [{ what: '/nodes#spec.taints of conditions', mode: 'exclusive' }],
    reconcile: async (name) => {
      const node = resources.nodes.find('', name);
      if (node !== undefined && change(node) !== undefined) await resources.nodes.modify(node, change);
      return undefined;
    },
  };
}
