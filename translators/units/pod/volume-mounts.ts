import type { Setting } from '../../../quadlet/encode-unit.ts';
import { isHugePages } from '../../../src/kinds/pod-spec/resources-validation.ts';
import type { PodSpec } from '../../../src/kinds/types.ts';
import { parseQuantity, quantityToNumber } from '../../../src/machinery/quantity.ts';
import { runFolder } from './run-folder.ts';
import { SCRIPTS } from './settings.ts';
import { containerPlaces, type PodSite } from './site.ts';
import { shellStep } from './volume-steps.ts';

/** A file system that is mounted while a pod is up. */
interface FileSystem {
  readonly type: string;
  readonly options: readonly string[];
  readonly device: string;
}

/**
 * What the infra unit does for a file system on a folder: its containers share it, and it outlives their restarts. What goes
 * wrong is told in the folder of a container.
 */
function mountSteps(
  { volume, folder }: Place,
  { type, options, device }: FileSystem,
  site: PodSite,
): readonly Setting[] {
  const [first] = containerPlaces(site);
  const tell = first === undefined ? '' : runFolder(first, site);
  const value = [`${SCRIPTS}/volume-mount`, folder, volume, type, options.join(','), device, tell];
  return [{ section: 'Service', key: 'ExecStartPre', value }, unmountStep(folder)];
}

function unmountStep(folder: string): Setting {
  return shellStep('ExecStopPost', '! mountpoint -q "$1" || umount -l "$1"', [folder]);
}

/** A volume, and where it is mounted. */
export interface Place {
  readonly volume: string;
  readonly folder: string;
}

function sizeOption(sizeLimit: string | undefined): readonly string[] {
  const limit = sizeLimit === undefined ? undefined : parseQuantity(sizeLimit);
  return limit?.ok ? [`size=${Math.ceil(quantityToNumber(limit.value))}`] : [];
}

/** A tmpfs. What is in it is lost when the whole pod restarts. */
export function tmpfsSteps(place: Place, sizeLimit: string | undefined, site: PodSite): readonly Setting[] {
  return mountSteps(place, { type: 'tmpfs', options: ['mode=0777', ...sizeOption(sizeLimit)], device: 'tmpfs' }, site);
}

const HUGE_PAGES = 'HugePages';

/** Whether an emptyDir's medium is huge pages: `HugePages`, or `HugePages-<size>`. */
export function isHugePagesMedium(medium: string | undefined): medium is string {
  return medium === HUGE_PAGES || medium?.startsWith(`${HUGE_PAGES}-`) === true;
}

/** A folder in huge pages of the size that the medium names, or else of the only one that the pod asks for. */
export function hugePagesSteps(
  place: Place,
  {
    medium,
    sizeLimit,
    path,
  }: { readonly medium: string; readonly sizeLimit: string | undefined; readonly path: string },
  site: PodSite,
): readonly Setting[] {
  const { spec, report } = site;
  const sizes = pageSizes(spec);
  const named = medium === HUGE_PAGES ? undefined : bytesOf(medium.slice(HUGE_PAGES.length + 1));
  if (named === undefined && sizes.size > 1) {
    report.block(path, `medium: ${medium} can't be used if container requests multiple huge page sizes`);
    return [];
  }
  const size = medium === HUGE_PAGES ? [...sizes][0] : named;
  if (size === undefined || !sizes.has(size)) {
    report.block(
      path,
      `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`,
    );
    return [];
  }
  const options = ['mode=0777', `pagesize=${size}`, ...sizeOption(sizeLimit)];
  return mountSteps(place, { type: 'hugetlbfs', options, device: 'hugetlbfs' }, site);
}

/** Sizes of the huge pages that the pod or a container of it asks for, in bytes. */
function pageSizes(spec: PodSpec): ReadonlySet<number> {
  const asking = [spec, ...spec.containers, ...(spec.initContainers ?? [])];
  const names = asking.flatMap(({ resources }) => Object.keys({ ...resources?.limits, ...resources?.requests }));
  const sizes = names.filter(isHugePages).map((name) => bytesOf(name.slice('hugepages-'.length)));
  return new Set(sizes.filter((size) => size !== undefined));
}

function bytesOf(quantity: string): number | undefined {
  const parsed = parseQuantity(quantity);
  return parsed.ok ? quantityToNumber(parsed.value) : undefined;
}

/** A folder of an NFS server: `mount.nfs` of the host mounts it (nfs(5)). */
export interface NfsFolder {
  readonly server: string;
  readonly path: string;
  readonly readOnly?: boolean | undefined;
  readonly mountOptions?: readonly string[] | undefined;
}

/**
 * Where it is mounted, and the steps. Not below the pod's own folder: that is deleted with all that is in it, and what is in
 * here is somebody else's.
 */
export function planNfs(
  name: string,
  { server, path, readOnly = false, mountOptions = [] }: NfsFolder,
  site: PodSite,
): { readonly source: string; readonly settings: readonly Setting[] } {
  const source = `${site.context.paths.runtime}/mounts/${site.uid}/${name}`;
  const device = `${server.includes(':') ? `[${server}]` : server}:${path}`;
  const options = [readOnly ? 'ro' : 'rw', ...mountOptions];
  return {
    source,
    settings: [
      ...mountSteps({ volume: name, folder: source }, { type: 'nfs', options, device }, site),
      shellStep('ExecStopPost', 'rmdir -p --ignore-fail-on-non-empty "$1" || :', [source]),
    ],
  };
}
