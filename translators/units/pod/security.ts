import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Container, PodSpec } from '../../../src/kinds/types.ts';
import { type ImageAccounts, memberGroupsOf, primaryGroupOf } from './image-accounts.ts';
import { refuseUnsupported } from './report.ts';
import { inSection, podmanArgs } from './settings.ts';
import type { ContainerPlace, PodSite } from './site.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
type PodSecurityContext = NonNullable<PodSpec['securityContext']>;

/** The container's security context, with the pod's where the container says nothing. */
export function securitySettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const pod = podPart(site);
  const { privileged, capabilities, readOnlyRootFilesystem, allowPrivilegeEscalation, ...more } =
    place.container.securityContext ?? {};
  const { runAsUser, runAsGroup, runAsNonRoot, procMount, windowsOptions, ...profiles } = more;
  refuseUnsupported(site.report, `${place.path}.securityContext`, { windowsOptions });
  const user = runAsUser ?? pod.runAsUser;
  checkNonRoot(runAsNonRoot ?? pod.runAsNonRoot, user, place, site);
  return [
    ...userSettings(user, runAsGroup ?? pod.runAsGroup, place, site),
    ...inSection('Container', [
      ...supplementalGroups(pod).map((group) => ['GroupAdd', String(group)] as const),
      ...(capabilities?.drop ?? []).map((name) => ['DropCapability', name.toLowerCase()] as const),
      ...(capabilities?.add ?? []).map((name) => ['AddCapability', name.toLowerCase()] as const),
      ['ReadOnly', readOnlyRootFilesystem ? 'true' : undefined],
      ['ReadOnlyTmpfs', readOnlyRootFilesystem ? 'false' : undefined],
      ['Mount', readOnlyRootFilesystem ? WRITABLE_SHM : undefined],
      ['NoNewPrivileges', allowPrivilegeEscalation === false ? 'true' : undefined],
    ]),
    ...podmanArgs('Container', [
      ...(privileged ? ['--privileged'] : []),
      ...(procMount === 'Unmasked' ? ['--security-opt=unmask=ALL'] : []),
    ]),
    ...profileSettings(profiles, pod, site),
  ];
}

/** What Kubernetes leaves writable in a read-only container; podman's tmpfs mounts are more than that. */
const WRITABLE_SHM = 'type=tmpfs,destination=/dev/shm,tmpfs-size=67108864,tmpfs-mode=1777,notmpcopyup';

/** The part of the pod's security context that the infra unit carries. */
export function podSecuritySettings(site: PodSite): readonly Setting[] {
  const sysctls = site.spec.securityContext?.sysctls ?? [];
  return podmanArgs('Pod', [
    ...sysctls.map(({ name, value }) => `--sysctl=${name.replaceAll('/', '.')}=${value}`),
    ...(site.spec.hostUsers === false ? userNamespace(site) : []),
  ]);
}

/** Ids of a pod in a user namespace of its own: 65536 that no other pod has, as the end of its address is its alone. */
function userNamespace({ context }: PodSite): readonly string[] {
  const [, , third = 0, fourth = 0] = context.podIP.split('.').map(Number);
  const first = (third * 256 + fourth) * 65_536;
  return [`--uidmap=0:${first}:65536`, `--gidmap=0:${first}:65536`];
}

function podPart({ spec, report }: PodSite): PodSecurityContext {
  const context = spec.securityContext ?? {};
  const {
    runAsUser,
    runAsGroup,
    runAsNonRoot,
    fsGroup,
    fsGroupChangePolicy,
    supplementalGroups: groups,
    ...rest
  } = context;
  const { sysctls, seccompProfile, appArmorProfile, seLinuxOptions, seLinuxChangePolicy, ...more } = rest;
  const { supplementalGroupsPolicy, windowsOptions, ...unhandled } = more;
  unhandled satisfies Record<PropertyKey, never>;
  refuseUnsupported(report, 'spec.securityContext', { windowsOptions });
  return context;
}

function supplementalGroups(pod: PodSecurityContext): readonly number[] {
  return [...(pod.supplementalGroups ?? []), ...(pod.fsGroup === undefined ? [] : [pod.fsGroup])];
}

/**
 * Quadlet takes a group only with a user: without one it is the image's. Podman adds the groups of which the image says that
 * the user is a member unless a group is named: so one is named where they aren't wanted, and else they are, too.
 */
function userSettings(
  user: number | undefined,
  group: number | undefined,
  { container }: ContainerPlace,
  { context, spec }: PodSite,
): readonly Setting[] {
  const isStrict = spec.securityContext?.supplementalGroupsPolicy === 'Strict';
  if (user === undefined && group === undefined && !isStrict) return [];
  const image = context.images?.get(container.image ?? '');
  const [imageUser, imageGroup] = image?.user.split(':') ?? [];
  const name = user === undefined ? imageUser || '0' : String(user);
  const accounts = image?.accounts ?? NO_ACCOUNTS;
  const strictGroup = (user === undefined ? imageGroup : undefined) ?? primaryGroupOf(accounts, name);
  const merged = group === undefined || isStrict ? [] : memberGroupsOf(accounts, name);
  return inSection('Container', [
    ['User', name],
    ['Group', group === undefined ? (isStrict ? String(strictGroup) : undefined) : String(group)],
    ...merged.map((member) => ['GroupAdd', String(member)] as const),
  ]);
}

const NO_ACCOUNTS: ImageAccounts = { passwd: '', group: '' };

/** The kubelet's check before it starts a container that must not be root. */
function checkNonRoot(
  mustBe: boolean | undefined,
  user: number | undefined,
  { container }: ContainerPlace,
  { context, report, pod }: PodSite,
): void {
  const image = context.images?.get(container.image ?? '');
  const problem = mustBe ? rootProblem(user, image?.user.split(':')[0]) : undefined;
  if (problem === undefined) return;
  const { name, namespace, uid } = pod.metadata ?? {};
  report.unstartable(container.name, `${problem} (pod: "${name}_${namespace}(${uid})", container: ${container.name})`);
}

/** `imageUser` is '' for an image that names none, undefined while the image isn't known. */
function rootProblem(user: number | undefined, imageUser: string | undefined): string | undefined {
  if (user !== undefined) return user === 0 ? "container's runAsUser breaks non-root policy" : undefined;
  if (imageUser === undefined) return undefined;
  if (imageUser === '' || imageUser === '0') return 'container has runAsNonRoot and image will run as root';
  if (/^\d+$/.test(imageUser)) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root`;
}

type Profiles = Pick<SecurityContext, 'seccompProfile' | 'appArmorProfile' | 'seLinuxOptions'>;

function profileSettings(own: Profiles, pod: PodSecurityContext, { context }: PodSite): readonly Setting[] {
  const { seccompProfile, appArmorProfile, seLinuxOptions, ...unhandled } = own;
  unhandled satisfies Record<PropertyKey, never>;
  const seccomp = seccompProfile ?? pod.seccompProfile;
  const appArmor = appArmorProfile ?? pod.appArmorProfile;
  const labels = Object.entries({ ...pod.seLinuxOptions, ...seLinuxOptions });
  return podmanArgs('Container', [
    ...(seccomp?.type === 'Unconfined' ? ['--security-opt=seccomp=unconfined'] : []),
    ...(seccomp?.type === 'Localhost'
      ? [`--security-opt=seccomp=${context.paths.state}/seccomp/${seccomp.localhostProfile}`]
      : []),
    ...(appArmor?.type === 'Unconfined' ? ['--security-opt=apparmor=unconfined'] : []),
    ...(appArmor?.type === 'Localhost' ? [`--security-opt=apparmor=${appArmor.localhostProfile}`] : []),
    ...labels.map(([key, value]) => `--security-opt=label=${key}:${value}`),
  ]);
}
