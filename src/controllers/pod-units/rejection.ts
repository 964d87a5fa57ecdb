import { podQosClass } from '../../kinds/pod-spec/qos.ts';
import { amountsOf } from '../../kinds/quota/amounts.ts';
import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { Pod, PodStatus } from '../../kinds/types.ts';
import { isCriticalPod } from '../eviction/evict-pod.ts';
import type { PressureCondition } from '../eviction/signals.ts';
import { hasPortConflict } from '../scheduling/host-ports.ts';
import type { SchedulingSnapshot } from '../scheduling/snapshot.ts';
import { nodeMatches } from '../workloads/node-affinity.ts';
import { toleratesNoSchedule } from '../workloads/taints.ts';
import type { PodUnitsOptions } from './agent.ts';
import { forbiddenSysctl } from './sysctls.ts';

/** Why the node doesn't take a pod, in the kubelet's words. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

const MEMORY_TAINT = 'node.kubernetes.io/memory-pressure';

/** The node, and what is held of it. */
type Load = Pick<SchedulingSnapshot, 'node' | 'load'>;

/** The kubelet's resources: processor time counts in thousandths. */
const RESOURCES = [
  { name: 'cpu', unit: 1_000_000n },
  { name: 'memory', unit: 1_000_000_000n },
  { name: 'ephemeral-storage', unit: 1_000_000_000n },
] as const;

function outOf(pod: Pod, { node, load }: Load): Rejection | undefined {
  const allocatable = amountsOf(node.status?.allocatable);
  const wanted = podRequirements(pod.spec, 'requests');
  for (const { name, unit } of RESOURCES) {
    const [ask, used, capacity] = [wanted, load.held, allocatable].map((amounts) => amounts.get(name)?.nano);
    if (!ask || capacity === undefined || ask + (used ?? 0n) <= capacity) continue;
    const [requested, has, most] = [ask, used ?? 0n, capacity].map((nano) => nano / unit);
    const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${has}, capacity: ${most}`;
    return { reason: `OutOf${name}`, message };
  }
  return undefined;
}

function predicate(reason: string, why: string): Rejection {
  return { reason, message: `Predicate ${reason} failed: ${why}` };
}

/** What the host can enforce, and what its administrator lets pods do. */
type Abilities = Pick<PodUnitsOptions, 'allowedUnsafeSysctls' | 'hasAppArmor'>;

/** Whether a pod counts on AppArmor. */
function asksForAppArmor({ spec }: Pod): boolean {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  const contexts = [spec?.securityContext, ...all.map(({ securityContext }) => securityContext)];
  return contexts.some((context) => context?.appArmorProfile && context.appArmorProfile.type !== 'Unconfined');
}

/**
 * Whether the node refuses a pod that was bound to it past the scheduler, or before the node changed, as the kubelet
 * does; undefined when it takes it. Pure.
 */
export function rejectionOf(pod: Pod, host: Load, abilities: Abilities = {}): Rejection | undefined {
  const { allowedUnsafeSysctls = [], hasAppArmor = () => true } = abilities;
  const sysctl = forbiddenSysctl(pod, allowedUnsafeSysctls);
  if (sysctl !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${sysctl}` };
  if (asksForAppArmor(pod) && !hasAppArmor()) {
    return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' };
  }
  const short = outOf(pod, host);
  if (short !== undefined) return short;
  if (!nodeMatches(pod, host.node))
    return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (!hasPortConflict(pod, host.load.withPorts)) return undefined;
  return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
}

/** Whether the node is too short of something for the pod, as the kubelet's eviction manager decides. Pure. */
export function rejectionUnderPressure(pod: Pod, short: ReadonlySet<PressureCondition>): Rejection | undefined {
  if (short.size === 0 || isCriticalPod(pod)) return undefined;
  const isOnlyMemory = short.size === 1 && short.has('MemoryPressure');
  const isSpared = podQosClass(pod.spec) !== 'BestEffort' || toleratesNoSchedule(pod, MEMORY_TAINT);
  if (isOnlyMemory && isSpared) return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${[...short].join(' ')}]. ` };
}

/** The status of a pod that the node refused. */
export function rejectedStatus({ metadata, status }: Pod, { reason, message }: Rejection): PodStatus {
  const seen = { observedGeneration: metadata?.generation, qosClass: status?.qosClass };
  return { ...seen, phase: 'Failed', reason, message: `Pod was rejected: ${message}` };
}
