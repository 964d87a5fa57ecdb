import { volumeSources } from '../../kinds/pod-spec/volume-defaults.ts';
import { procMount, seccompProfile } from './baseline-checks.ts';
import {
  type Check,
  type CheckPod,
  containersOf,
  containersWhere,
  contextsWhere,
  distinct,
  isForWindows,
  isInUserNamespace,
  nameContainers,
  nameSetters,
  plural,
  quoted,
} from './check.ts';

type Container = ReturnType<typeof containersOf>[number];

const VOLUMES = 'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' ');

function unlessWindows(check: CheckPod): CheckPod {
  return (pod) => (isForWindows(pod) ? undefined : check(pod));
}

function unlessUserNamespace(check: CheckPod): CheckPod {
  return (pod) => (isInUserNamespace(pod) ? undefined : check(pod));
}

const allowPrivilegeEscalation: CheckPod = (pod) => {
  const names = contextsWhere(pod, (context) => context.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  const detail = `${nameContainers(names)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
};

const capabilities: CheckPod = (pod) => {
  const of = (container: Container) => container.securityContext?.capabilities ?? {};
  const wrong = (container: Container) => (of(container).add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const keeping = containersWhere(pod, (container) => !(of(container).drop ?? []).includes('ALL'));
  const adding = containersWhere(pod, (container) => wrong(container).length > 0);
  const added = quoted(distinct(containersOf(pod).flatMap(wrong)));
  const details = [
    ...(keeping.length > 0 ? [`${nameContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [`${nameContainers(adding)} must not include ${added} in securityContext.capabilities.add`]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const volumes: CheckPod = ({ spec }) => {
  const all = (spec.volumes ?? []).map((volume) => ({ name: volume.name ?? '', type: volumeSources(volume)[0] }));
  const wrong = all.filter(({ type }) => type === undefined || !VOLUMES.includes(type));
  if (wrong.length === 0) return undefined;
  const types = distinct(wrong.map(({ type }) => type ?? 'unknown'));
  const names = `${plural('volume', 'volumes', wrong.length)} ${quoted(wrong.map(({ name }) => name))}`;
  const what = `${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail: `${names} ${plural('uses', 'use', wrong.length)} ${what}` };
};

const runAsNonRoot: CheckPod = (pod) => {
  const reason = 'runAsNonRoot != true';
  const own = pod.spec.securityContext?.runAsNonRoot;
  const setters = nameSetters(
    own === false,
    contextsWhere(pod, (context) => context.runAsNonRoot === false),
  );
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const silent = own === true ? [] : contextsWhere(pod, (context) => context.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${nameContainers(silent)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: CheckPod = (pod) => {
  const containers = contextsWhere(pod, (context) => context.runAsUser === 0);
  const setters = nameSetters(pod.spec.securityContext?.runAsUser === 0, containers);
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};

const seccomp: CheckPod = (pod) => {
  const wrong = seccompProfile(pod);
  if (wrong !== undefined || pod.spec.securityContext?.seccompProfile) return wrong;
  const silent = contextsWhere(pod, (context) => context.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  const rule = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${nameContainers(silent)} ${rule}` };
};

/** The controls that the restricted level has beside the baseline ones, in the order of their findings. */
export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    versions: [
      [8, allowPrivilegeEscalation],
      [25, unlessWindows(allowPrivilegeEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    versions: [
      [22, capabilities],
      [25, unlessWindows(capabilities)],
    ],
    overrides: ['capabilities_baseline'],
  },
  { id: 'procMount_restricted', level: 'restricted', versions: [[35, procMount]], overrides: ['procMount'] },
  { id: 'restrictedVolumes', level: 'restricted', versions: [[0, volumes]], overrides: ['hostPathVolumes'] },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    versions: [
      [0, runAsNonRoot],
      [35, unlessUserNamespace(runAsNonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    versions: [
      [23, runAsUser],
      [35, unlessUserNamespace(runAsUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    versions: [
      [19, seccomp],
      [25, unlessWindows(seccomp)],
    ],
    overrides: ['seccompProfile_baseline'],
  },
];
