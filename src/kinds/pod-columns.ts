import type { Column } from '../machinery/table.ts';
import { ageColumn, column, nameColumn, orElse, wideColumn } from './columns.ts';
import type { RowCondition } from './definition.ts';
import { formatRestarts, summarizePod } from './pod-status-summary.ts';
import type { Draft, Pod } from './types.ts';

type Object = Draft<Pod>;

function readyOf(pod: Object): string {
  const { readyContainers, totalContainers } = summarizePod(pod);
  return `${readyContainers}/${totalContainers}`;
}

function readinessGates(pod: Object): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const conditions = pod.status?.conditions ?? [];
  const passed = gates.filter((gate) =>
    conditions.some((each) => each.type === gate.conditionType && each.status === 'True'),
  );
  return `${passed.length}/${gates.length}`;
}

/** What `kubectl get pods` shows. */
export const podColumns: readonly Column<Object>[] = [
  nameColumn,
  column('Ready', 'string', 'Ready containers of all.', readyOf),
  column('Status', 'string', 'State of the whole pod.', (pod) => summarizePod(pod).reason),
  column('Restarts', 'string', 'Restarts of all containers, and when the last one was.', (pod, now) =>
    formatRestarts(summarizePod(pod), now),
  ),
  ageColumn,
  wideColumn('IP', 'string', 'Address of the pod.', (pod) =>
    orElse(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP, '<none>'),
  ),
  wideColumn('Node', 'string', 'Where it runs.', (pod) => orElse(pod.spec?.nodeName, '<none>')),
  wideColumn('Nominated Node', 'string', 'Where it may run once others have left.', (pod) =>
    orElse(pod.status?.nominatedNodeName, '<none>'),
  ),
  wideColumn('Readiness Gates', 'string', 'Passed conditions of those that readiness waits for.', readinessGates),
];

/** Marks finished pods, so that clients may leave them out. */
export function podRowConditions(pod: Object): readonly RowCondition[] {
  const completed = { type: 'Completed', status: 'True' } as const;
  switch (pod.status?.phase) {
    case 'Succeeded':
      return [{ ...completed, reason: 'Succeeded', message: 'The pod has completed successfully.' }];
    case 'Failed':
      return [{ ...completed, reason: 'Failed', message: 'The pod failed.' }];
    default:
      return [];
  }
}
