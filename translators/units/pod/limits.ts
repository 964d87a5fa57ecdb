import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Container } from '../../../src/kinds/types.ts';
import { LEAST_QUOTA_MILLI, LEAST_SHARES, milli, sharesOf, units } from './amounts.ts';
import { oomScoreAdjust } from './oom-score.ts';
import { refuseUnsupported } from './report.ts';
import { inSection, podmanArgs } from './settings.ts';
import type { ContainerPlace, PodSite } from './site.ts';

/** Resources that a container's control group limits. */
const ENFORCED = ['cpu', 'memory'];

/** What a container may use: its control group's settings, its slice, and its place among those that memory is taken from. */
export function limitSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { limits = {}, requests, claims, ...unhandled } = place.container.resources ?? {};
  unhandled satisfies Record<PropertyKey, never>;
  requests satisfies object | undefined;
  refuseUnsupported(site.report, `${place.path}.resources`, { claims });
  return [
    ...inSection('Service', [['Slice', site.slice]]),
    ...podmanArgs('Container', oomOptions(place, site)),
    ...(site.context.hasCgroupControllers ? groupSettings(place.container, site) : unenforced(limits, place, site)),
  ];
}

/** Said once per container, and on the Node. */
function unenforced(limits: object, { path }: ContainerPlace, { report }: PodSite): readonly Setting[] {
  if (Object.keys(limits).some((name) => ENFORCED.includes(name) || name.startsWith('hugepages-'))) {
    report.approximate(`${path}.resources.limits`, 'this host has no cgroup controllers: not enforced');
  }
  return [];
}

/** A container without limits of its own may use all of its pod's. */
function groupSettings({ resources }: Container, { spec }: PodSite): readonly Setting[] {
  const limits = { ...spec.resources?.limits, ...resources?.limits };
  const [memory, cpu] = [units(limits['memory']), milli(limits['cpu'])];
  const asked = milli(resources?.requests?.['cpu'] ?? resources?.limits?.['cpu']);
  return [
    ...inSection('Container', [['Memory', memory === undefined ? undefined : String(memory)]]),
    ...podmanArgs('Container', [
      ...(memory === undefined ? [] : [`--memory-swap=${memory}`]),
      ...(cpu === undefined ? [] : [`--cpus=${Math.max(LEAST_QUOTA_MILLI, cpu) / 1000}`]),
      `--cpu-shares=${asked === undefined ? LEAST_SHARES : sharesOf(asked)}`,
      // Only the node's own limit counts, as under a kubelet that isn't told otherwise.
      '--pids-limit=-1',
      // All of its processes go together, as under the kubelet: half a container is of no use to anybody.
      '--cgroup-conf=memory.oom.group=1',
      ...hugepages(limits),
    ]),
  ];
}

/** `hugetlb.<size>.max`; a size that isn't asked for can't be used. */
function hugepages(limits: { readonly [name: string]: string }): readonly string[] {
  return Object.entries(limits).flatMap(([name, quantity]) => {
    const size = /^hugepages-(\d+)([KMG])i$/.exec(name);
    return size === null ? [] : [`--cgroup-conf=hugetlb.${size[1]}${size[2]}B.max=${units(quantity) ?? 0}`];
  });
}

/** Whoever may not raise limits may not protect a process either: such a host says so in its Node. */
function oomOptions(place: ContainerPlace, site: PodSite): readonly string[] {
  const score = oomScoreAdjust(place, site);
  if (score === undefined || (score < 0 && site.context.canProtectFromOom === false)) return [];
  return [`--oom-score-adj=${score}`];
}
