import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Container } from '../../../src/kinds/types.ts';
import type { HookAction } from '../../formats/probes.ts';
import { portNumber } from './ports.ts';
import { runFolder } from './run-folder.ts';
import { SCRIPTS } from './settings.ts';
import { type ContainerPlace, gracePeriodOf, type PodSite } from './site.ts';

type Lifecycle = NonNullable<Container['lifecycle']>;
type Handler = NonNullable<Lifecycle['preStop']>;

/**
 * The container's hooks as steps of its unit: postStart after its start, which fails with it; preStop as the first part
 * of its stop, also when there is none, as a stop may have another deadline than the pod's own.
 */
export function lifecycleSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { postStart, preStop, stopSignal: _, ...unhandled } = place.container.lifecycle ?? {};
  unhandled satisfies Record<PropertyKey, never>;
  const [folder, name] = [runFolder(place, site), place.names.podmanName];
  const grace = String(gracePeriodOf(site));
  const words = (handler: Handler | undefined, field: string): readonly string[] =>
    handler === undefined ? [] : hookWords(compileHook(handler, `lifecycle.${field}`, place, site));
  if (place.names.role === 'init') return [];
  return [
    ...(postStart
      ? [step('ExecStartPost', ['container-post-start', folder, name, grace, ...words(postStart, 'postStart')])]
      : []),
    step('ExecStop', ['container-stop', folder, name, grace, ...words(preStop, 'preStop')]),
  ];
}

function step(key: string, [script = '', ...words]: readonly string[]): Setting {
  return { section: 'Service', key, value: [`${SCRIPTS}/${script}`, ...words] };
}

/** A hook, nothing left to resolve. tcpSocket was never supported here: it fails when it is its turn, as upstream. */
export function compileHook(handler: Handler, field: string, place: ContainerPlace, site: PodSite): HookAction {
  const { exec, httpGet, sleep, tcpSocket: _, ...unhandled } = handler;
  unhandled satisfies Record<PropertyKey, never>;
  if (exec) return { type: 'exec', command: exec.command ?? [] };
  if (sleep) return { type: 'sleep', seconds: sleep.seconds };
  if (!httpGet) return { type: 'invalid' };
  const { host, httpHeaders, path, port, scheme, ...rest } = httpGet;
  rest satisfies Record<PropertyKey, never>;
  const number = portNumber(port, `${place.path}.${field}.httpGet`, {
    container: place.container,
    report: site.report,
  });
  if (number === undefined) return { type: 'invalid' };
  return {
    type: 'http',
    scheme: scheme === 'HTTPS' ? 'HTTPS' : 'HTTP',
    host: host || site.context.podIP,
    port: number,
    path: path?.startsWith('/') ? path : `/${path ?? ''}`,
    headers: (httpHeaders ?? []).map(({ name, value }) => ({ name, value })),
  };
}

/** A hook as the words that `container-hook` takes. */
function hookWords(action: HookAction): readonly string[] {
  switch (action.type) {
    case 'exec':
      return ['exec', ...action.command];
    case 'sleep':
      return ['sleep', String(action.seconds)];
    case 'invalid':
      return ['invalid', 'invalid handler'];
    case 'http':
      return ['http', urlOf(action), ...curlOptions(action)];
    default:
      return action satisfies never;
  }
}

type HttpAction = Extract<HookAction, { readonly type: 'http' }>;

function urlOf({ scheme, host, port, path }: HttpAction): string {
  return `${scheme.toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}

function curlOptions({ headers }: HttpAction): readonly string[] {
  const hasAgent = headers.some(({ name }) => name.toLowerCase() === 'user-agent');
  const agent = hasAgent ? [] : ['--user-agent', 'kube-lifecycle/1.36'];
  return [
    ...agent,
    ...headers.flatMap(({ name, value }) => ['--header', value === '' ? `${name};` : `${name}: ${value}`]),
  ];
}
