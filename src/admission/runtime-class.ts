import type { Pod, PodSpec, RuntimeClass, Toleration } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { forbidden, StatusError } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';

function refuse(request: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: '', resource: 'pods', name: request.key.name }, why);
}

function findClass(request: AdmissionRequest, lookup: AdmissionLookup): RuntimeClass | StatusError | undefined {
  const name = (request.object as Pod).spec?.runtimeClassName;
  if (!name) return undefined;
  const found = lookup.get('node.k8s.io/runtimeclasses', { namespace: '', name }) as RuntimeClass | undefined;
  return found ?? refuse(request, `pod rejected: RuntimeClass "${name}" not found`);
}

/** The class's overhead, which the pod may say too, but not otherwise. */
function withOverhead(spec: PodSpec, { overhead }: RuntimeClass): PodSpec | string {
  const podFixed = overhead?.podFixed;
  if (!podFixed) return spec;
  if (spec.overhead && !semanticEqual(spec.overhead, podFixed)) {
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  }
  return { ...spec, overhead: podFixed };
}

function mergeTolerations(own: readonly Toleration[], added: readonly Toleration[]): readonly Toleration[] {
  return [...own, ...added.filter((toleration) => !own.some((each) => semanticEqual(each, toleration)))];
}

/** Where the class's pods can run. */
function withScheduling(spec: PodSpec, { scheduling }: RuntimeClass): PodSpec | string {
  const { nodeSelector = {}, tolerations = [] } = scheduling ?? {};
  const own = spec.nodeSelector ?? {};
  const clash = Object.keys(nodeSelector).find((key) => Object.hasOwn(own, key) && own[key] !== nodeSelector[key]);
  if (clash !== undefined) {
    const [theirs, ours] = [nodeSelector[clash], own[clash]];
    return `conflict: runtimeClass.scheduling.nodeSelector[${clash}] = ${theirs}; pod.spec.nodeSelector[${clash}] = ${ours}`;
  }
  const selector = { ...own, ...nodeSelector };
  const tolerated = mergeTolerations(spec.tolerations ?? [], tolerations);
  return {
    ...spec,
    ...(Object.keys(selector).length > 0 ? { nodeSelector: selector } : {}),
    ...(tolerated.length > 0 ? { tolerations: tolerated } : {}),
  };
}

function mutate(request: AdmissionRequest, lookup: AdmissionLookup): Pod | StatusError {
  const pod = request.object as Pod;
  const found = findClass(request, lookup);
  if (found instanceof StatusError) return found;
  if (found === undefined || pod.spec === undefined) return pod;
  const charged = withOverhead(pod.spec, found);
  if (typeof charged === 'string') return refuse(request, charged);
  const placed = withScheduling(charged, found);
  return typeof placed === 'string' ? refuse(request, placed) : { ...pod, spec: placed };
}

function isNewPod(request: AdmissionRequest): boolean {
  return request.operation === 'CREATE' && isAbout(request, '/pods');
}

/** Pods get the overhead and the place of their RuntimeClass, which must exist. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate: (request, lookup) => (isNewPod(request) ? mutate(request, lookup) : request.object),
  validate: (request) => {
    const { spec } = request.object as Pod;
    if (!isNewPod(request) || spec?.runtimeClassName || !spec?.overhead) return undefined;
    return refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};
