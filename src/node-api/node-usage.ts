import { podUnitNames } from '../../translators/units/pod-names.ts';
import { podSlice, sliceFolder } from '../../translators/units/pod-slice.ts';
import type { GroupUsage, InterfaceUsage, MachineUsage, UsageReader } from '../host/usage.ts';
import type { ContainerStatus, Pod } from '../kinds/types.ts';
import { createUsageMeter, type Rate, type UsageMeter } from './usage-meter.ts';

/** A running container's usage, and how fast it goes on. */
export interface ContainerUsage {
  readonly name: string;
  readonly usage: GroupUsage;
  readonly rate: Rate;
}

/** What pods and the node use, read when somebody asks. */
export interface NodeUsage {
  /** The running containers of each pod; pods of which nothing runs have none. */
  pods(pods: readonly Pod[]): Promise<ReadonlyMap<Pod, readonly ContainerUsage[]>>;
  machine(): Promise<{ readonly usage: MachineUsage; readonly rate: Rate }>;
  interfaces(pid: number | 'self'): Promise<readonly InterfaceUsage[]>;
}

/** What it is read with. */
export interface NodeUsageOptions {
  readonly reader: UsageReader;
  readonly meter?: UsageMeter;
}

/** Containers that were started before pods had slices are still where systemd puts services. */
const FORMER_SLICE = 'system.slice';

/** Usage of this node. */
export function createNodeUsage({ reader, meter = systemMeter() }: NodeUsageOptions): NodeUsage {
  return {
    pods: async (pods) => {
      const measured = await meter.measure(() => readPods(pods, reader));
      return new Map(
        pods.map((pod) => {
          const own = [...measured].filter(([, { usage }]) => usage.pod === pod);
          return [pod, own.map(([, { usage, rate }]) => ({ name: usage.container, usage, rate }))];
        }),
      );
    },
    machine: async () => {
      const measured = await meter.measure(async () => new Map([['', await reader.readMachine()]]));
      const machine = measured.get('');
      if (machine === undefined) throw new Error("the machine's own control group cannot be read");
      return machine;
    },
    interfaces: (pid) => reader.readInterfaces(pid),
  };
}

type PodGroup = GroupUsage & { readonly pod: Pod; readonly container: string };

/** All running containers by their group: one that starts again is another one to the meter. */
async function readPods(pods: readonly Pod[], reader: UsageReader): Promise<ReadonlyMap<string, PodGroup>> {
  const places = pods.flatMap((pod) => {
    const folders = [sliceFolder(podSlice(pod)), FORMER_SLICE];
    const running = runningContainers(pod);
    return podUnitNames(pod)
      .containers.filter(({ container }) => running.has(container))
      .map(({ container, service }) => ({ pod, container, groups: folders.map((folder) => `${folder}/${service}`) }));
  });
  const read = await Promise.all(
    places.map(async ({ pod, container, groups: [own = '', former = ''] }) => {
      const usage = (await reader.readContainer(own)) ?? (await reader.readContainer(former));
      return usage === undefined || usage.processes.length === 0
        ? []
        : [[usage.group, { ...usage, pod, container }] as const];
    }),
  );
  return new Map(read.flat());
}

function runningContainers(pod: Pod): ReadonlySet<string> {
  const running = containerStatusesOf(pod).filter(({ state }) => state?.running !== undefined);
  return new Set(running.map(({ name }) => name));
}

/** Statuses of app and init containers. */
export function containerStatusesOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
}

function systemMeter(): UsageMeter {
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  return createUsageMeter({ now: () => performance.now(), sleep });
}
