import type { BuiltIn } from './built-in.ts';

function priorityClass(name: string, value: number, description: string): BuiltIn {
  const object = { metadata: { name }, value, globalDefault: false, description };
  return { resource: 'scheduling.k8s.io/priorityclasses', object };
}

/** The classes that admission knows in any case. */
export const priorityClasses: readonly BuiltIn[] = [
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
];
