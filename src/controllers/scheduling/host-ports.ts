import type { Pod } from '../../kinds/types.ts';

interface HostPort {
  readonly protocol: string;
  readonly port: number;
  readonly ip: string;
}

const EVERY_ADDRESS = '0.0.0.0';

function hostPorts({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ protocol = 'TCP', hostPort = 0, hostIP }) =>
      hostPort === 0 ? [] : [{ protocol, port: hostPort, ip: hostIP || EVERY_ADDRESS }],
    );
}

function clash(a: HostPort, b: HostPort): boolean {
  const sameAddress = a.ip === b.ip || a.ip === EVERY_ADDRESS || b.ip === EVERY_ADDRESS;
  return a.protocol === b.protocol && a.port === b.port && sameAddress;
}

/** Whether the pod has ports of the host. */
export function hasHostPorts(pod: Pod): boolean {
  return hostPorts(pod).length > 0;
}

/** Whether a port that the pod wants of the host belongs to another pod already. */
export function hasPortConflict(pod: Pod, bound: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  return wanted.length > 0 && bound.flatMap(hostPorts).some((taken) => wanted.some((port) => clash(port, taken)));
}
