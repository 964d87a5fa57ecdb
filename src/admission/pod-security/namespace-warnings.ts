import type { Pod } from '../../kinds/types.ts';
import { goQuote } from '../../machinery/go-format.ts';
import type { AdmissionLookup, AdmissionRequest } from '../plugin.ts';
import { evaluatePod, printViolations } from './evaluate.ts';
import { compareLevels, type LevelVersion, policyOf, printLevel } from './policy.ts';

/** Pods that are looked at when a namespace becomes stricter. */
const MOST_PODS = 3000;

function isStricter(now: LevelVersion, before: LevelVersion): boolean {
  if (now.level === 'privileged') return false;
  return now.version === before.version ? compareLevels(now.level, before.level) > 0 : true;
}

/** `web-1 (and 2 other pods): privileged`. */
function printGroup(reasons: string, names: readonly string[]): string {
  const [first = '', ...others] = names.toSorted();
  if (others.length === 0) return `${first}: ${reasons}`;
  return `${first} (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'}): ${reasons}`;
}

function violationsByReasons(pods: readonly Pod[], enforce: LevelVersion): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const pod of pods) {
    const found = evaluatePod(enforce, { metadata: pod.metadata, spec: pod.spec ?? {} });
    if (found.length === 0) continue;
    const reasons = printViolations(found, 'reasons only');
    groups.set(reasons, [...(groups.get(reasons) ?? []), pod.metadata?.name ?? '']);
  }
  return groups;
}

/** What is said about pods that are there already when a namespace enforces more than before. */
export function namespaceWarnings(request: AdmissionRequest, lookup: AdmissionLookup): readonly string[] {
  const { operation, subresource, object, old } = request;
  if (operation !== 'UPDATE' || subresource !== '') return [];
  const { enforce } = policyOf(object.metadata?.labels);
  if (!isStricter(enforce, policyOf(old?.metadata?.labels).enforce)) return [];
  const name = object.metadata?.name ?? '';
  const pods = (lookup.list('/pods') as readonly Pod[]).filter((pod) => pod.metadata?.namespace === name);
  const groups = violationsByReasons(pods.slice(0, MOST_PODS), enforce);
  const checked = `new PodSecurity enforce level only checked against the first ${MOST_PODS} of ${pods.length} existing pods`;
  const head = `existing pods in namespace ${goQuote(name)} violate the new PodSecurity enforce level "${printLevel(enforce)}"`;
  const lines = [...groups].map(([reasons, names]) => printGroup(reasons, names)).sort();
  return [...(pods.length > MOST_PODS ? [checked] : []), ...(lines.length > 0 ? [head, ...lines] : [])];
}
