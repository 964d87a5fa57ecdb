import { encodeUnit, type Setting } from '../../quadlet/encode-unit.ts';
import { oldestPodman } from '../../quadlet/podman-version.ts';
import { serializeUnit } from '../../quadlet/unit-text.ts';
import type { EndpointSlice, Service } from '../../src/kinds/types.ts';
import type { HostFile, Translation } from '../host-file.ts';
import { inSection } from '../units/pod/settings.ts';

/** Where the host keeps state, `/var/lib/quadshift`. */
export interface HealthCheckOptions {
  readonly stateFolder: string;
  readonly nodeName: string;
}

/** The port that asks whether this node has endpoints of the Service; undefined when it has none. Pure. */
export function healthCheckPort({ spec }: Service): number | undefined {
  const asksFor = spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  return asksFor && spec.healthCheckNodePort ? spec.healthCheckNodePort : undefined;
}

/** The socket unit of a Service's health check. No pod's unit is called like it: no namespace begins with `_`. */
export function healthCheckSocket(namespace: string, name: string): string {
  return `${stem(namespace, name)}.socket`;
}

const stem = (namespace: string, name: string): string => `qs-_health_${namespace}_${name}`;

/**
 * The health check of a Service that keeps outsiders to this node: a socket of systemd's, a service per connection that
 * sends a file, and that file, which alone changes with the endpoints. Answers as kube-proxy does. Pure.
 */
export function translateHealthCheck(
  service: Service,
  slices: readonly EndpointSlice[],
  options: HealthCheckOptions,
): Translation {
  const { namespace = '', name = '' } = service.metadata ?? {};
  const unit = stem(namespace, name);
  const answer = `net/health/${namespace}_${name}`;
  const wants = `sockets.target.wants/${unit}.socket`;
  return {
    files: [
      unitFile(`${unit}.socket`, [...socketSettings(service), ...ownerSettings(service)]),
      unitFile(`${unit}@.service`, [
        ...serviceSettings(service, `${options.stateFolder}/${answer}`),
        ...ownerSettings(service),
      ]),
      { root: 'state', path: answer, content: answerText(service, localCount(slices, options.nodeName)), mode: 0o644 },
    ],
    directories: [],
    links: [{ root: 'unit', path: wants, target: `../${unit}.socket` }],
    diagnostics: [],
  };
}

function unitFile(path: string, settings: readonly Setting[]): HostFile {
  const { unit } = encodeUnit(settings, oldestPodman);
  return { root: 'unit', path, content: serializeUnit(unit), mode: 0o644 };
}

function ownerSettings({ metadata }: Service): readonly Setting[] {
  return inSection('X-Kubernetes', [
    ['Kind', 'Service'],
    ['Namespace', metadata?.namespace],
    ['Name', metadata?.name],
    ['UID', metadata?.uid],
  ]);
}

const describe = ({ metadata }: Service): string =>
  `Health check of the Service ${metadata?.namespace}/${metadata?.name}`;

function socketSettings(service: Service): readonly Setting[] {
  return [
    ...inSection('Unit', [['Description', describe(service)]]),
    ...inSection('Socket', [
      ['ListenStream', String(healthCheckPort(service) ?? '')],
      ['Accept', 'yes'],
      ['MaxConnections', '64'],
      ['TriggerLimitIntervalSec', '0'],
    ]),
  ];
}

function serviceSettings(service: Service, file: string): readonly Setting[] {
  return [
    ...inSection('Unit', [
      ['Description', describe(service)],
      ['CollectMode', 'inactive-or-failed'],
    ]),
    ...inSection('Service', [
      ['ExecStart', ['-/usr/lib/quadshift/health-answer', file]],
      ['StandardInput', 'socket'],
      ['RuntimeMaxSec', '10'],
      ['CapabilityBoundingSet', ''],
      ['NoNewPrivileges', 'yes'],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
    ]),
  ];
}

/** Addresses of ready endpoints on this node, each once whatever its ports. */
function localCount(slices: readonly EndpointSlice[], nodeName: string): number {
  const local = slices.flatMap(({ endpoints = [] }) =>
    endpoints.filter(({ nodeName: node, conditions }) => node === nodeName && conditions?.ready !== false),
  );
  return new Set(local.map(({ addresses }) => addresses[0])).size;
}

function answerText({ metadata }: Service, count: number): string {
  const { namespace, name } = metadata ?? {};
  const body = `${JSON.stringify({ service: { namespace, name }, localEndpoints: count, serviceProxyHealthy: true }, undefined, '\t')}\n`;
  const lines = [
    `HTTP/1.1 ${count > 0 ? '200 OK' : '503 Service Unavailable'}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `X-Load-Balancing-Endpoint-Weight: ${count}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return `# Kind=Service Namespace=${namespace} Name=${name} UID=${metadata?.uid}\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
