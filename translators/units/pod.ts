import { encodeUnit, type Setting } from '../../quadlet/encode-unit.ts';
import { oldestPodman, parsePodmanVersion } from '../../quadlet/podman-version.ts';
import { serializeUnit } from '../../quadlet/unit-text.ts';
import type { Pod } from '../../src/kinds/types.ts';
import type { PodProbes } from '../formats/probes.ts';
import type { HostDirectory, HostFile, HostLink, Translation } from '../host-file.ts';
import { type ContainerPlan, planContainer } from './pod/container.ts';
import type { PodContext } from './pod/context.ts';
import { planDeadline } from './pod/deadline.ts';
import { deviceLinks } from './pod/devices.ts';
import { planGate } from './pod/gate.ts';
import { hostsFile } from './pod/hosts-file.ts';
import { planInfra, planInfraDropIn } from './pod/infra.ts';
import { reportPodFields } from './pod/pod-fields.ts';
import { compileProbes } from './pod/probes.ts';
import { createReport } from './pod/report.ts';
import { runDirectories } from './pod/run-folder.ts';
import { sealedDirectory, unsealSettings } from './pod/sealed.ts';
import { containerPlaces, ephemeralPlaces, type PodSite, podSite } from './pod/site.ts';
import { planSlice } from './pod/slice.ts';
import { planVolumes } from './pod/volumes.ts';

/**
 * A pod as host files: its infra unit, one unit per container, and the gate; and what they need beside them. A pure
 * function: the same pod and context give the same bytes. With a `refused` diagnostic the files must not be used.
 */
export function translatePod(pod: Pod, context: PodContext): Translation {
  const report = createReport();
  const site = podSite(pod, context, report);
  reportPodFields(site);
  const volumes = planVolumes(site);
  const probes = compileProbes(site);
  const gate = planGate(site, probes);
  const containers = [...containerPlaces(site), ...ephemeralPlaces(site)].map((place) => ({
    file: place.names.file,
    plan: planContainer(place, site, volumes.mountable),
  }));
  const contents = [...containers.flatMap(({ plan }: { plan: ContainerPlan }) => plan.files), ...volumes.files];
  const hasSecrets = [...contents, ...volumes.directories].some(({ root }) => root === 'sealed');
  const steps = [...(hasSecrets ? unsealSettings(site) : []), ...volumes.settings];
  const files = [
    unitFile({ root: 'quadlet', path: site.names.podFile }, planInfra(site, steps), site),
    ...containers.map(({ file, plan }) => unitFile({ root: 'quadlet', path: file }, plan.settings, site)),
    unitFile({ root: 'unit', path: `${site.names.podService}.d/quadshift.conf` }, planInfraDropIn(site), site),
    unitFile({ root: 'unit', path: site.names.gate }, gate.settings, site),
    ...deadlineFile(site),
    ...sliceFiles(site),
    ...contents,
    probesFile(probes),
    hostsFile(site),
    ...(gate.script === undefined ? [] : [gateFile(gate.script, site)]),
  ];
  return {
    files,
    directories: [...podDirectories(site), ...(hasSecrets ? [sealedDirectory(site)] : []), ...volumes.directories],
    links: [bootLink(site), ...deviceLinks(containerPlaces(site), site), ...volumes.links],
    diagnostics: report.diagnostics,
  };
}

/** Settings as a file. What can't be written is refused by name: nothing is left out silently. */
function unitFile(at: Pick<HostFile, 'root' | 'path'>, settings: readonly Setting[], site: PodSite): HostFile {
  const podman = parsePodmanVersion(site.context.podmanVersion) ?? oldestPodman;
  const { unit, problems } = encodeUnit(settings, podman);
  for (const { section, key, message } of problems) {
    site.report.refuse('spec', `${at.path}: [${section}] ${key}: ${message}`);
  }
  return { ...at, content: serializeUnit(unit), mode: 0o644 };
}

function sliceFiles(site: PodSite): readonly HostFile[] {
  const settings = planSlice(site);
  return settings.length === 0 ? [] : [unitFile({ root: 'unit', path: site.slice }, settings, site)];
}

function probesFile(probes: PodProbes): HostFile {
  return {
    root: 'state',
    path: `pods/${probes.uid}/probes.json`,
    content: `${JSON.stringify(probes, undefined, 2)}\n`,
    mode: 0o644,
  };
}

function deadlineFile(site: PodSite): readonly HostFile[] {
  const settings = planDeadline(site);
  return settings === undefined ? [] : [unitFile({ root: 'unit', path: site.names.deadline }, settings, site)];
}

function gateFile(script: string, { uid }: PodSite): HostFile {
  return { root: 'state', path: `pods/${uid}/gate.sh`, content: script, mode: 0o755 };
}

/** Only root may look into a pod's folder: what is in there keeps the modes that containers shall see. */
function podDirectories(site: PodSite): readonly HostDirectory[] {
  return [{ root: 'state', path: `pods/${site.uid}`, mode: 0o700 }, ...runDirectories(site)];
}

function bootLink({ names }: PodSite): HostLink {
  return { root: 'unit', path: `multi-user.target.wants/${names.gate}`, target: `../${names.gate}` };
}
