import { child, duplicate, index, invalidValue, required } from '../../machinery/field-path.ts';
import { isPortName, isPortNumber } from '../../machinery/names.ts';
import type { Container, ContainerPort, Sparse } from '../types.ts';
import { type Findings, validateEnum, validateName } from '../validation.ts';

type Port = Sparse<ContainerPort>;

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function validateNumber(port: number, field: string): Findings {
  return isPortNumber(port).map((message) => invalidValue(field, port, message));
}

function validatePortName(name: string | undefined, field: string, before: readonly Port[]): Findings {
  if (!name) return [];
  const wrong = validateName(isPortName, name, field);
  if (wrong.length > 0) return wrong;
  return before.some((other) => other.name === name) ? [duplicate(field, name)] : [];
}

function validatePort(port: Port, path: string, before: readonly Port[]): Findings {
  const { containerPort, hostPort } = port;
  const portPath = child(path, 'containerPort');
  return [
    ...validatePortName(port.name, child(path, 'name'), before),
    ...(containerPort ? validateNumber(containerPort, portPath) : [required(portPath)]),
    ...(hostPort ? validateNumber(hostPort, child(path, 'hostPort')) : []),
    ...validateEnum(port.protocol, child(path, 'protocol'), PROTOCOLS),
  ];
}

/** `validateContainerPorts`. */
export function validatePorts(ports: readonly Port[], path: string): Findings {
  return ports.flatMap((port, position) => validatePort(port, index(path, position), ports.slice(0, position)));
}

/** Host ports that two containers claim. */
export function validateHostPorts(containers: readonly Sparse<Container>[], path: string): Findings {
  const claimed = new Set<string>();
  return containers.flatMap((container, position) =>
    (container.ports ?? []).flatMap((port, portPosition) => {
      if (!port.hostPort) return [];
      const claim = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      const field = child(index(child(index(path, position), 'ports'), portPosition), 'hostPort');
      if (claimed.has(claim)) return [duplicate(field, claim)];
      claimed.add(claim);
      return [];
    }),
  );
}

/** On the host's network the container's port is the host's. */
export function validateHostNetworkPorts(containers: readonly Sparse<Container>[], path: string): Findings {
  return containers.flatMap((container, position) =>
    (container.ports ?? []).flatMap((port, portPosition) => {
      if (port.hostPort === undefined || port.hostPort === port.containerPort) return [];
      const field = child(index(child(index(path, position), 'ports'), portPosition), 'containerPort');
      return [invalidValue(field, port.containerPort, 'must match `hostPort` when `hostNetwork` is true')];
    }),
  );
}
