import type { Container, Probe } from '../../../src/kinds/types.ts';
import type { CompiledProbe, ContainerProbes, PodProbes, ProbeAction } from '../../formats/probes.ts';
import { refuseUnsupported } from './report.ts';
import { type ContainerPlace, containerPlaces, gracePeriodOf, type PodSite } from './site.ts';

/** All probes of the pod, nothing left to resolve. Containers without probes are listed too. */
export function compileProbes(site: PodSite): PodProbes {
  return {
    uid: site.uid,
    namespace: site.pod.metadata?.namespace ?? '',
    name: site.pod.metadata?.name ?? '',
    podIP: site.context.podIP,
    containers: containerPlaces(site)
      .filter(({ names }) => names.role !== 'init')
      .map((place) => compileContainer(place, site)),
  };
}

function compileContainer(place: ContainerPlace, site: PodSite): ContainerProbes {
  const { container, names } = place;
  const compile = (field: 'livenessProbe' | 'readinessProbe' | 'startupProbe') =>
    compileProbe(container[field], { container, site, path: `${place.path}.${field}` });
  const [liveness, readiness, startup] = [compile('livenessProbe'), compile('readinessProbe'), compile('startupProbe')];
  return {
    name: container.name,
    podmanName: names.podmanName,
    unit: names.service,
    ...(liveness && { liveness }),
    ...(readiness && { readiness }),
    ...(startup && { startup }),
    terminationGracePeriodSeconds: gracePeriodOf(site),
  };
}

interface ProbeSite {
  readonly container: Container;
  readonly site: PodSite;
  readonly path: string;
}

function compileProbe(probe: Probe | undefined, at: ProbeSite): CompiledProbe | undefined {
  if (!probe) {
    return undefined;
  }
  const { exec, httpGet, tcpSocket, grpc, ...numbers } = probe;
  refuseUnsupported(at.site.report, at.path, { grpc });
  const action = compileAction({ exec, httpGet, tcpSocket }, at);
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, successThreshold, failureThreshold, ...more } = numbers;
  const { terminationGracePeriodSeconds, ...unhandled } = more;
  unhandled satisfies Record<PropertyKey, never>;
  return action === undefined
    ? undefined
    : {
        action,
        initialDelaySeconds: initialDelaySeconds ?? 0,
        periodSeconds: periodSeconds || 10,
        timeoutSeconds: timeoutSeconds || 1,
        successThreshold: successThreshold || 1,
        failureThreshold: failureThreshold || 3,
        terminationGracePeriodSeconds: terminationGracePeriodSeconds ?? gracePeriodOf(at.site),
      };
}

function compileAction(
  { exec, httpGet, tcpSocket }: Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket'>,
  at: ProbeSite,
): ProbeAction | undefined {
  if (exec) {
    return { type: 'exec', command: exec.command ?? [] };
  }
  if (httpGet) {
    return compileHttp(httpGet, at);
  }
  const port = tcpSocket && portNumber(tcpSocket.port, 'tcpSocket', at);
  return tcpSocket && port !== undefined
    ? { type: 'tcp', host: tcpSocket.host || at.site.context.podIP, port }
    : undefined;
}

function compileHttp(httpGet: NonNullable<Probe['httpGet']>, at: ProbeSite): ProbeAction | undefined {
  const { host, httpHeaders, path, port, scheme, ...unhandled } = httpGet;
  unhandled satisfies Record<PropertyKey, never>;
  const number = portNumber(port, 'httpGet', at);
  if (number === undefined) {
    return undefined;
  }
  return {
    type: 'http',
    scheme: scheme === 'HTTPS' ? 'HTTPS' : 'HTTP',
    host: host || at.site.context.podIP,
    port: number,
    path: path?.startsWith('/') ? path : `/${path ?? ''}`,
    headers: (httpHeaders ?? []).map(({ name, value }) => ({ name, value })),
  };
}

/** A probe's port: a number, digits, or the name of one of the container's ports. */
function portNumber(port: unknown, action: 'httpGet' | 'tcpSocket', at: ProbeSite): number | undefined {
  const named = (at.container.ports ?? []).find(({ name }) => name === port)?.containerPort;
  const number = named ?? (/^\d+$/.test(String(port)) ? Number(port) : undefined);
  if (number === undefined) {
    at.site.report.refuse(`${at.path}.${action}.port`, `the container has no port "${String(port)}"`);
  }
  return number;
}
