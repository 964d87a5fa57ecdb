import type { Pod, PodCondition, PodSpec } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { podCondition } from '../workloads/pod-facts.ts';
import { isSidecar } from './container-status.ts';
import { incompleteInit, type Phase, type Statuses } from './pod-phase.ts';

type Finding = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/** What a pod's conditions are made of. */
export interface ConditionsInput {
  readonly pod: Pod;
  readonly spec: PodSpec;
  readonly statuses: Statuses;
  readonly phase: Phase;
  /** Whether the infra container runs. */
  readonly hasSandbox: boolean;
  readonly now: number;
}

function initialized({ spec, statuses, phase }: ConditionsInput): Finding {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const names = incompleteInit(spec, statuses.init);
  if (names.length === 0 || statuses.app.some((s) => s.state?.running)) return { type, status: 'True' };
  const message = `containers with incomplete status: [${names.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function unreadyContainers({ spec, statuses }: ConditionsInput): readonly string[] {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map((c) => c.name));
  const checked = [...statuses.init.filter((s) => sidecars.has(s.name)), ...statuses.app];
  return checked.filter((s) => !s.ready).map((s) => s.name);
}

function containersReady(input: ConditionsInput): Finding {
  const type = 'ContainersReady';
  if (input.phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (input.phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = unreadyContainers(input);
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function ready(input: ConditionsInput, containers: Finding): Finding {
  if (containers.status === 'False') return { ...containers, type: 'Ready' };
  const unmet = (input.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = podCondition(input.pod, conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (gate.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (unmet.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: unmet.join(', ') };
}

function toCondition(finding: Finding, { pod, now }: ConditionsInput): PodCondition {
  const before = podCondition(pod, finding.type);
  const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : formatTime(now);
  return { ...finding, lastTransitionTime, observedGeneration: pod.metadata?.generation };
}

/** The kubelet's conditions; those of others (readiness gates) are kept. Pure. */
export function podConditions(input: ConditionsInput): readonly PodCondition[] {
  const containers = containersReady(input);
  const findings: readonly Finding[] = [
    { type: 'PodReadyToStartContainers', status: input.hasSandbox ? 'True' : 'False' },
    initialized(input),
    ready(input, containers),
    containers,
    // Also when it was made with its node named.
    { type: 'PodScheduled', status: 'True' },
  ];
  const ours = new Set(findings.map((f) => f.type));
  const others = (input.pod.status?.conditions ?? []).filter((c) => !ours.has(c.type));
  // A pod that was made with its node named was scheduled by whoever made it.
  return [...findings.map((f) => toCondition(f, input)), ...others];
}
