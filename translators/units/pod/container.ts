import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Container } from '../../../src/kinds/types.ts';
import type { HostFile } from '../../host-file.ts';
import { requestedDevices } from './devices.ts';
import { containerDns } from './dns.ts';
import { resolveEnv, valuesOf } from './env.ts';
import { placeEnv } from './env-files.ts';
import { expandReferences } from './expansion.ts';
import { hostNameOf } from './host-name.ts';
import { hostsMount } from './hosts-file.ts';
import { lifecycleSettings } from './lifecycle.ts';
import { limitSettings } from './limits.ts';
import type { MountableVolume } from './mountable-volume.ts';
import { deviceSettings, mountSettings } from './mounts.ts';
import { ownerSettings, podLabels } from './owner.ts';
import { restartSettings } from './restart.ts';
import { runSettings } from './run-folder.ts';
import { securitySettings } from './security.ts';
import { inSection, podmanArgs, runtimeArgs } from './settings.ts';
import { shutdownOrder } from './shutdown-order.ts';
import { autoUpdateOf, type ContainerPlace, gracePeriodOf, type PodSite } from './site.ts';
import type { Variable } from './variable.ts';

/** One container: its `.container` file as settings, and the files beside it. */
export interface ContainerPlan {
  readonly settings: readonly Setting[];
  readonly files: readonly HostFile[];
}

/** What a container becomes. `ports` and probes are the infra unit's and the gate's business. */
export function planContainer(
  place: ContainerPlace,
  site: PodSite,
  volumes: readonly MountableVolume[],
): ContainerPlan {
  const { container, names } = place;
  knowAllFields(container);
  const variables = resolveEnv({ pod: site.pod, container, path: place.path }, site.context, site.report);
  const values = valuesOf(variables);
  const env = placeEnv(withHostName(variables, site), {
    uid: site.uid,
    container: container.name,
    podmanName: names.podmanName,
    state: site.context.paths.state,
    runtime: site.context.paths.runtime,
  });
  return {
    files: env.files,
    settings: [
      ...inSection('Unit', [['Description', describe(place, site)]]),
      ...shutdownOrder(site),
      ...restartSettings(place, site),
      ...runSettings(place, site),
      ...lifecycleSettings(place, site),
      ...identitySettings(place, site),
      ...commandSettings(container, values),
      ...env.settings,
      ...hostsMount(place, site),
      ...containerDns(site),
      ...mountSettings(place, site, { volumes, variables: values }),
      ...deviceSettings(place, volumes),
      ...securitySettings(place, site),
      ...limitSettings(place, site),
      ...requestedDevices(place, site),
      ...ownerSettings(site),
    ],
  };
}

/** Podman says so only to the infra container; runtimes of Kubernetes say it to all. Nothing can refer to it. */
function withHostName(variables: readonly Variable[], site: PodSite): readonly Variable[] {
  const isSet = variables.some(({ name }) => name === 'HOSTNAME');
  return isSet ? variables : [{ name: 'HOSTNAME', value: hostNameOf(site), isSecret: false }, ...variables];
}

const ROLES = {
  app: 'Container',
  init: 'Init container',
  sidecar: 'Sidecar',
  ephemeral: 'Ephemeral container',
} as const;

function describe({ container, names }: ContainerPlace, { pod }: PodSite): string {
  return `${ROLES[names.role]} ${container.name} of Pod ${pod.metadata?.namespace}/${pod.metadata?.name}`;
}

function identitySettings({ container, names }: ContainerPlace, site: PodSite): readonly Setting[] {
  const autoUpdate =
    names.role === 'init' || names.role === 'ephemeral' ? undefined : autoUpdateOf(container.name, site);
  return [
    ...inSection('Quadlet', [['DefaultDependencies', 'false']]),
    ...inSection('Container', [
      ['GlobalArgs', runtimeArgs(site)],
      ['Image', container.image],
      ['ContainerName', names.podmanName],
      ['Pod', site.names.podFile],
      ['Pull', container.imagePullPolicy === 'Never' ? 'never' : 'missing'],
      ['LogDriver', 'journald'],
      ['AutoUpdate', autoUpdate],
      ['StartWithPod', names.role === 'ephemeral' ? 'false' : undefined],
      ...[...podLabels(site), `io.kubernetes.container.name=${container.name}`].map(
        (label) => ['Label', label] as const,
      ),
      ['StopTimeout', String(gracePeriodOf(site))],
      ['StopSignal', container.lifecycle?.stopSignal],
    ]),
    ...podmanArgs('Container', [
      ...(site.spec.hostPID ? ['--pid=host'] : targetSettings(names.container, site)),
      ...(site.spec.hostIPC ? ['--ipc=host'] : []),
    ]),
  ];
}

/** An ephemeral container may see the processes of another one. */
function targetSettings(container: string, { spec, names }: PodSite): readonly string[] {
  const target = spec.ephemeralContainers?.find(({ name }) => name === container)?.targetContainerName;
  const found = target && names.containers.find((one) => one.container === target);
  return found && !spec.shareProcessNamespace ? [`--pid=container:${found.podmanName}`] : [];
}

/** `command` replaces the image's entrypoint and, with it, the image's arguments; `args` alone keep the entrypoint. */
function commandSettings(container: Container, values: ReadonlyMap<string, string>): readonly Setting[] {
  const expand = (words: readonly string[] | undefined) => (words ?? []).map((word) => expandReferences(word, values));
  const [command, args] = [expand(container.command), expand(container.args)];
  return [
    ...inSection('Container', [
      ['Entrypoint', command.length === 0 ? undefined : asciiJson(command)],
      ['Exec', args.length === 0 ? undefined : args],
      ['WorkingDir', container.workingDir || undefined],
    ]),
    ...podmanArgs('Container', [...(container.tty ? ['--tty'] : []), ...(container.stdin ? ['--interactive'] : [])]),
  ];
}

/** JSON whose control characters, and those that a unit file can't hold, are escaped. */
function asciiJson(words: readonly string[]): string {
  return JSON.stringify(words).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Every field of a container is read somewhere; one that comes with a newer API is a compile error here. */
function knowAllFields(container: Container): void {
  const { name, image, imagePullPolicy, command, args, workingDir, env, envFrom, ports, ...more } = container;
  const { volumeMounts, securityContext, resources, tty, stdin, stdinOnce, restartPolicy, ...rest } = more;
  const { livenessProbe, readinessProbe, startupProbe, resizePolicy, lifecycle, ...unread } = rest;
  const { terminationMessagePath, terminationMessagePolicy, volumeDevices, restartPolicyRules, ...unhandled } = unread;
  unhandled satisfies Record<PropertyKey, never>;
}
