import type { Pod, PodSpec } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { forbidden, StatusError } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';

const CLASSES = 'scheduling.k8s.io/priorityclasses';
const DEFAULT_PREEMPTION = 'PreemptLowerPriority';

/** `scheduling.k8s.io/v1` PriorityClass as far as it matters here. */
interface PriorityClass extends KubernetesObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: string;
}

/** Classes that exist in every cluster, also before anybody has stored them. */
const SYSTEM: { readonly [name: string]: PriorityClass } = {
  'system-cluster-critical': { metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 },
  'system-node-critical': { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
};

function findClass(lookup: AdmissionLookup, name: string): PriorityClass | undefined {
  const stored: PriorityClass | undefined = lookup.get(CLASSES, { namespace: '', name });
  return stored ?? (Object.hasOwn(SYSTEM, name) ? SYSTEM[name] : undefined);
}

/** Of several global defaults the lowest counts, as upstream has it. */
function defaultClass(lookup: AdmissionLookup): PriorityClass | undefined {
  const classes: readonly PriorityClass[] = lookup.list(CLASSES);
  const defaults = classes.filter((candidate) => candidate.globalDefault === true);
  return defaults.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}

function refuse(request: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: '', resource: 'pods', name: request.key.name }, why);
}

function classOf(request: AdmissionRequest, lookup: AdmissionLookup): PriorityClass | StatusError | undefined {
  const name = (request.object as Pod).spec?.priorityClassName;
  if (!name) return defaultClass(lookup);
  return findClass(lookup, name) ?? refuse(request, `no PriorityClass with name ${name} was found`);
}

function mutate(request: AdmissionRequest, lookup: AdmissionLookup): Pod | StatusError {
  const found = classOf(request, lookup);
  if (found instanceof StatusError) return found;
  const pod = request.object as Pod;
  const priority = found?.value ?? 0;
  if (pod.spec?.priority !== undefined && pod.spec.priority !== priority) {
    const why = `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
    return refuse(request, why);
  }
  const name = found?.metadata?.name;
  const preemptionPolicy = pod.spec?.preemptionPolicy ?? found?.preemptionPolicy ?? DEFAULT_PREEMPTION;
  const spec = { ...pod.spec, ...(name ? { priorityClassName: name } : {}), priority, preemptionPolicy };
  return { ...pod, spec: spec as PodSpec };
}

/** There is one default class at most. */
function refuseSecondDefault(request: AdmissionRequest, lookup: AdmissionLookup): StatusError | undefined {
  if (request.operation === 'DELETE' || !isAbout(request, CLASSES)) return undefined;
  const { globalDefault, metadata }: PriorityClass = request.object;
  const classes: readonly PriorityClass[] = globalDefault === true ? lookup.list(CLASSES) : [];
  const other = classes.find((each) => each.globalDefault === true && each.metadata?.name !== metadata?.name);
  if (other === undefined) return undefined;
  const why = `PriorityClass ${other.metadata?.name} is already marked as default. Only one default can exist`;
  return forbidden({ group: 'scheduling.k8s.io', resource: 'priorityclasses', name: request.key.name }, why);
}

/** Pods get the number behind their PriorityClass. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate: (request, lookup) =>
    request.operation === 'CREATE' && isAbout(request, '/pods') ? mutate(request, lookup) : request.object,
  validate: refuseSecondDefault,
};
