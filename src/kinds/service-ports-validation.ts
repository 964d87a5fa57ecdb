import { child, duplicate, forbiddenField, index, invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Label, isPortNumber, isQualifiedName } from '../machinery/names.ts';
import type { ServicePort, ServiceSpec, Sparse } from './types.ts';
import { type Findings, validateEnum, validateName, validatePortOrName } from './validation.ts';

type Spec = Sparse<ServiceSpec>;
type Port = Sparse<ServicePort>;

const KUBELET_PORT = 10_250;
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PATH = 'spec.ports';

function validatePortName(port: Port, path: string, others: readonly Port[], needsName: boolean): Findings {
  const field = child(path, 'name');
  if (!port.name) return needsName ? [required(field)] : [];
  const twice = others.some((other) => other.name === port.name);
  return [...validateName(isDns1123Label, port.name, field), ...(twice ? [duplicate(field, port.name)] : [])];
}

function validatePort(port: Port, path: string): Findings {
  const { port: number = 0, appProtocol } = port;
  return [
    ...isPortNumber(number).map((message) => invalidValue(child(path, 'port'), number, message)),
    ...validateEnum(port.protocol, child(path, 'protocol'), PROTOCOLS),
    ...validatePortOrName(port.targetPort, child(path, 'targetPort')),
    ...(appProtocol === undefined ? [] : validateName(isQualifiedName, appProtocol, child(path, 'appProtocol'))),
  ];
}

function validateNodePort(port: Port, path: string, others: readonly Port[], spec: Spec): Findings {
  if (!port.nodePort) return [];
  const field = child(path, 'nodePort');
  if (spec.type === 'ClusterIP') return [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")];
  const twice = others.some((other) => other.nodePort === port.nodePort && other.protocol === port.protocol);
  return twice ? [duplicate(field, port.nodePort)] : [];
}

function validateUnique(port: Port, path: string, others: readonly Port[]): Findings {
  const twice = others.some((other) => other.port === port.port && other.protocol === port.protocol);
  return twice ? [duplicate(path, { protocol: port.protocol, port: port.port })] : [];
}

function validateExposed(port: Port, path: string, spec: Spec): Findings {
  if (spec.type !== 'LoadBalancer' || port.port !== KUBELET_PORT) return [];
  const detail = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
  return [invalidValue(path, port.port, detail)];
}

/** Ports of a Service: names, numbers, uniqueness by protocol. */
export function validateServicePorts(spec: Spec): Findings {
  const ports = spec.ports ?? [];
  return ports.flatMap((port, position) => {
    const path = index(PATH, position);
    const before = ports.slice(0, position);
    return [
      ...validateExposed(port, path, spec),
      ...validatePortName(port, path, before, ports.length > 1),
      ...validatePort(port, path),
      ...validateNodePort(port, path, before, spec),
      ...validateUnique(port, path, before),
    ];
  });
}
