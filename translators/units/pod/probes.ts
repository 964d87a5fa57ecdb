import type { Container, Probe } from '../../../src/kinds/types.ts';
import type { CompiledProbe, ContainerProbes, PodProbes, ProbeAction } from '../../formats/probes.ts';
import { expandReferences } from './expansion.ts';
import { compileHook } from './lifecycle.ts';
import { portNumber } from './ports.ts';
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
  const { preStop } = container.lifecycle ?? {};
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
    ...(preStop && { preStop: compileHook(preStop, 'lifecycle.preStop', place, site) }),
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
  const action = compileAction({ exec, httpGet, tcpSocket, grpc }, at);
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
  { exec, httpGet, tcpSocket, grpc }: Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>,
  at: ProbeSite,
): ProbeAction | undefined {
  if (exec) {
    return { type: 'exec', command: (exec.command ?? []).map((word) => expandReferences(word, staticValues(at))) };
  }
  if (httpGet) {
    return compileHttp(httpGet, at);
  }
  if (grpc) {
    const { port, service, ...unhandled } = grpc;
    unhandled satisfies Record<PropertyKey, never>;
    return { type: 'grpc', host: at.site.context.podIP, port, service: service ?? '' };
  }
  const port = tcpSocket && portNumber(tcpSocket.port, `${at.path}.tcpSocket`, inContainer(at));
  return tcpSocket && port !== undefined
    ? { type: 'tcp', host: tcpSocket.host || at.site.context.podIP, port }
    : undefined;
}

/** Variables of the container that need nothing looked up: all that a probe's command may refer to. */
function staticValues({ container }: ProbeSite): ReadonlyMap<string, string> {
  return new Map((container.env ?? []).map(({ name, value }) => [name, value ?? '']));
}

function compileHttp(httpGet: NonNullable<Probe['httpGet']>, at: ProbeSite): ProbeAction | undefined {
  const { host, httpHeaders, path, port, scheme, ...unhandled } = httpGet;
  unhandled satisfies Record<PropertyKey, never>;
  const number = portNumber(port, `${at.path}.httpGet`, inContainer(at));
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

function inContainer({ container, site }: ProbeSite): Parameters<typeof portNumber>[2] {
  return { container, report: site.report };
}
