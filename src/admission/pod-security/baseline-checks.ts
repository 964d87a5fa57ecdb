import {
  annotationsWhere,
  type Check,
  type CheckPod,
  containersOf,
  containersWhere,
  contextsWhere,
  distinct,
  isInUserNamespace,
  nameContainers,
  nameSetters,
  type PodShape,
  plural,
  quoted,
} from './check.ts';

type Container = ReturnType<typeof containersOf>[number];
type SeLinux = NonNullable<NonNullable<Container['securityContext']>['seLinuxOptions']>;

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const PROFILES = ['RuntimeDefault', 'Localhost'];
const CAPABILITIES =
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  );

const appArmorProfile: CheckPod = (pod) => {
  const typeOf = (context: { readonly appArmorProfile?: { readonly type?: string } } | undefined) =>
    context?.appArmorProfile?.type;
  const isWrong = (type: string | undefined) => type !== undefined && !PROFILES.includes(type);
  const podType = typeOf(pod.spec.securityContext);
  const wrong = contextsWhere(pod, (context) => isWrong(typeOf(context)));
  const types = [podType, ...containersOf(pod).map((each) => typeOf(each.securityContext))].filter(isWrong) as string[];
  const allowed = (value: string) => value === '' || value === 'runtime/default' || value.startsWith('localhost/');
  const annotations = annotationsWhere(pod, (key, value) => key.startsWith(APP_ARMOR_ANNOTATION) && !allowed(value));
  const values = [...distinct(types), ...annotations];
  const by = nameSetters(isWrong(podType), wrong);
  const setters = [by, annotations.length > 0 ? plural('annotation', 'annotations', annotations.length) : '']
    .filter((setter) => setter !== '')
    .join(' and ');
  if (setters === '') return undefined;
  const reason = plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length);
  return { reason, detail: `${setters} must not set AppArmor profile type to ${quoted(values)}` };
};

const capabilities: CheckPod = (pod) => {
  const wrong = (container: Container) =>
    (container.securityContext?.capabilities?.add ?? []).filter((name) => !CAPABILITIES.includes(name));
  const names = containersWhere(pod, (container) => wrong(container).length > 0);
  if (names.length === 0) return undefined;
  const added = quoted(distinct(containersOf(pod).flatMap(wrong)));
  const detail = `${nameContainers(names)} must not include ${added} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
};

const hostNamespaces: CheckPod = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

const hostPathVolumes: CheckPod = ({ spec }) => {
  const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name ?? '');
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
};

const hostPorts: CheckPod = (pod) => {
  const portsOf = (container: Container) => (container.ports ?? []).flatMap((port) => port.hostPort || []);
  const names = containersWhere(pod, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const ports = distinct(containersOf(pod).flatMap(portsOf).map(String));
  const verb = plural('uses', 'use', names.length);
  const what = `${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`;
  return { reason: 'hostPort', detail: `${nameContainers(names)} ${verb} ${what}` };
};

interface Handler {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

function handlerHosts(container: Container): readonly string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers: readonly (Handler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => host || []),
  );
}

const hostProbes: CheckPod = (pod) => {
  const names = distinct(containersWhere(pod, (container) => handlerHosts(container).length > 0));
  if (names.length === 0) return undefined;
  const hosts = distinct(containersOf(pod).flatMap(handlerHosts));
  const reason = 'probe or lifecycle host';
  const what = `${plural(reason, `${reason}s`, hosts.length)} ${quoted(hosts)}`;
  return { reason, detail: `${nameContainers(names)} ${plural('uses', 'use', names.length)} ${what}` };
};

const privileged: CheckPod = (pod) => {
  const names = contextsWhere(pod, (context) => context.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${nameContainers(names)} must not set securityContext.privileged=true` };
};

/** Also part of the restricted level. */
export const procMount: CheckPod = (pod) => {
  const typeOf = (container: Container) => container.securityContext?.procMount ?? 'Default';
  const names = containersWhere(pod, (container) => typeOf(container) !== 'Default');
  if (names.length === 0) return undefined;
  const types = distinct(containersOf(pod).map(typeOf)).filter((type) => type !== 'Default');
  const detail = `${nameContainers(names)} must not set securityContext.procMount to ${quoted(types)}`;
  return { reason: 'procMount', detail };
};

function seLinuxProblems(all: readonly SeLinux[], types: readonly string[]): readonly string[] {
  const wrong = distinct(all.flatMap(({ type = '' }) => (types.includes(type) ? [] : [type])));
  return [
    ...(wrong.length > 0 ? [`${plural('type', 'types', wrong.length)} ${quoted(wrong)}`] : []),
    ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
    ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
  ];
}

function seLinuxOptions(types: readonly string[]): CheckPod {
  const isWrong = (options: SeLinux | undefined): options is SeLinux =>
    options !== undefined && seLinuxProblems([options], types).length > 0;
  return (pod) => {
    const own = pod.spec.securityContext?.seLinuxOptions;
    const containers = contextsWhere(pod, (context) => isWrong(context.seLinuxOptions));
    const setters = nameSetters(isWrong(own), containers);
    if (setters === '') return undefined;
    const all = [own, ...containersOf(pod).map((container) => container.securityContext?.seLinuxOptions)].filter(
      isWrong,
    );
    const problems = seLinuxProblems(all, types).join('; ');
    return { reason: 'seLinuxOptions', detail: `${setters} set forbidden securityContext.seLinuxOptions: ${problems}` };
  };
}

type Seccomp = { readonly seccompProfile?: { readonly type?: string } } | undefined;

function seccompType(context: Seccomp): string | undefined {
  return context?.seccompProfile ? (context.seccompProfile.type ?? '') : undefined;
}

/** Profiles that are set and neither the runtime's nor a local one; also part of the restricted level. */
export const seccompProfile: CheckPod = (pod) => {
  const isWrong = (type: string | undefined) => type !== undefined && !PROFILES.includes(type);
  const own = seccompType(pod.spec.securityContext);
  const containers = contextsWhere(pod, (context) => isWrong(seccompType(context)));
  const setters = nameSetters(isWrong(own), containers);
  if (setters === '') return undefined;
  const all = [own, ...containersOf(pod).map((container) => seccompType(container.securityContext))];
  const types = distinct(all.filter(isWrong) as string[]);
  const detail = `${setters} must not set securityContext.seccompProfile.type to ${quoted(types)}`;
  return { reason: 'seccompProfile', detail };
};

function seccompAnnotations(pod: PodShape): readonly string[] {
  const names = containersOf(pod).map(
    (container) => `container.seccomp.security.alpha.kubernetes.io/${container.name}`,
  );
  const keys = ['seccomp.security.alpha.kubernetes.io/pod', ...names];
  const allowed = (value: string) =>
    ['runtime/default', 'docker/default'].includes(value) || value.startsWith('localhost/');
  return annotationsWhere(pod, (key, value) => keys.includes(key) && !allowed(value));
}

const seccompByAnnotation: CheckPod = (pod) => {
  const wrong = seccompAnnotations(pod);
  if (wrong.length === 0) return undefined;
  const what = `${plural('annotation', 'annotations', wrong.length)} ${wrong.join(', ')}`;
  return { reason: 'seccompProfile', detail: `forbidden ${what}` };
};

function sysctls(allowed: readonly string[]): CheckPod {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map((sysctl) => sysctl.name ?? '');
    const wrong = names.filter((name) => !allowed.includes(name));
    return wrong.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: wrong.join(', ') };
  };
}

const windowsHostProcess: CheckPod = (pod) => {
  const containers = contextsWhere(pod, (context) => context.windowsOptions?.hostProcess === true);
  const setters = nameSetters(pod.spec.securityContext?.windowsOptions?.hostProcess === true, containers);
  if (setters === '') return undefined;
  return { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
};

const SE_LINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const IPV4 = ['ip_local_port_range', 'tcp_syncookies', 'ping_group_range', 'ip_unprivileged_port_start'];
const SYSCTLS = ['kernel.shm_rmid_forced', ...IPV4.map((name) => `net.ipv4.${name}`)];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  ...['tcp_keepalive_time', 'tcp_fin_timeout', 'tcp_keepalive_intvl', 'tcp_keepalive_probes'].map(
    (n) => `net.ipv4.${n}`,
  ),
];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** The controls of the baseline level, in the order of their findings. */
export const baselineChecks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', versions: [[0, appArmorProfile]] },
  { id: 'capabilities_baseline', level: 'baseline', versions: [[0, capabilities]] },
  { id: 'hostNamespaces', level: 'baseline', versions: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', level: 'baseline', versions: [[0, hostPathVolumes]] },
  { id: 'hostPorts', level: 'baseline', versions: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', versions: [[34, hostProbes]] },
  { id: 'privileged', level: 'baseline', versions: [[0, privileged]] },
  {
    id: 'procMount',
    level: 'baseline',
    versions: [
      [0, procMount],
      [35, (pod) => (isInUserNamespace(pod) ? undefined : procMount(pod))],
    ],
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    versions: [
      [0, seLinuxOptions(SE_LINUX_TYPES)],
      [31, seLinuxOptions([...SE_LINUX_TYPES, 'container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    versions: [
      [0, seccompByAnnotation],
      [19, seccompProfile],
    ],
  },
  {
    id: 'sysctls',
    level: 'baseline',
    versions: [
      [0, sysctls(SYSCTLS)],
      [27, sysctls(SYSCTLS_27)],
      [29, sysctls(SYSCTLS_29)],
      [32, sysctls(SYSCTLS_32)],
    ],
  },
  { id: 'windowsHostProcess', level: 'baseline', versions: [[0, windowsHostProcess]] },
];
