import { child, forbiddenField, invalidValue, required } from '../../machinery/field-path.ts';
import { isHttpHeaderName } from '../../machinery/names.ts';
import type { Lifecycle, LifecycleHandler, Probe, Sparse } from '../types.ts';
import { type Findings, validateEnum, validateName, validateNonNegative, validatePortOrName } from '../validation.ts';

type Handler = Sparse<LifecycleHandler> & Pick<Sparse<Probe>, 'grpc'>;

function validateHttp(http: NonNullable<Handler['httpGet']>, path: string): Findings {
  return [
    ...(http.path ? [] : [required(child(path, 'path'))]),
    ...validatePortOrName(http.port, child(path, 'port')),
    ...validateEnum(http.scheme, child(path, 'scheme'), ['HTTP', 'HTTPS']),
    ...(http.httpHeaders ?? []).flatMap((header) =>
      validateName(isHttpHeaderName, header.name ?? '', child(path, 'httpHeaders')),
    ),
  ];
}

function validateSleep(seconds: number, grace: number, path: string): Findings {
  if (seconds >= 0 && seconds <= grace) return [];
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
  return [invalidValue(path, seconds, detail)];
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateOneHandler(handler: Handler, kind: (typeof HANDLERS)[number], path: string, grace: number): Findings {
  switch (kind) {
    case 'exec':
      return (handler.exec?.command ?? []).length > 0 ? [] : [required(child(path, 'command'))];
    case 'httpGet':
      return validateHttp(handler.httpGet ?? {}, path);
    case 'tcpSocket':
      return validatePortOrName(handler.tcpSocket?.port, child(path, 'port'));
    case 'grpc':
      return validatePortOrName(handler.grpc?.port, child(path, 'port'));
    case 'sleep':
      return validateSleep(handler.sleep?.seconds ?? 0, grace, path);
  }
}

/** Exactly one handler, and that one sound. */
function validateHandler(handler: Handler, path: string, grace: number): Findings {
  const [first, ...more] = HANDLERS.filter((kind) => handler[kind] !== undefined && handler[kind] !== null);
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...validateOneHandler(handler, first, child(path, first), grace),
    ...more.map((kind) => forbiddenField(child(path, kind), 'may not specify more than 1 handler type')),
  ];
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(probe: Sparse<Probe>, path: string, grace: number): Findings {
  const own = probe.terminationGracePeriodSeconds;
  const ownPath = child(path, 'terminationGracePeriodSeconds');
  return [
    ...validateHandler(probe, path, grace),
    ...COUNTS.flatMap((field) => validateNonNegative(probe[field], child(path, field))),
    ...(own !== undefined && own <= 0 ? [invalidValue(ownPath, own, 'must be greater than 0')] : []),
  ];
}

function validateOnceProbe(probe: Sparse<Probe> | undefined, path: string, grace: number): Findings {
  if (!probe) return [];
  const threshold = probe.successThreshold ?? 1;
  const once = threshold === 1 ? [] : [invalidValue(child(path, 'successThreshold'), threshold, 'must be 1')];
  return [...validateProbe(probe, path, grace), ...once];
}

function validateReadiness(probe: Sparse<Probe> | undefined, path: string, grace: number): Findings {
  if (!probe) return [];
  const own = probe.terminationGracePeriodSeconds;
  const detail = 'must not be set for readinessProbes';
  const extra = own === undefined ? [] : [invalidValue(child(path, 'terminationGracePeriodSeconds'), own, detail)];
  return [...validateProbe(probe, path, grace), ...extra];
}

function validateLifecycle(lifecycle: Sparse<Lifecycle> | undefined, path: string, grace: number): Findings {
  const { postStart, preStop } = lifecycle ?? {};
  return [
    ...(postStart ? validateHandler(postStart, child(path, 'postStart'), grace) : []),
    ...(preStop ? validateHandler(preStop, child(path, 'preStop'), grace) : []),
  ];
}

/** The parts of a long-running container that watch over it. */
export interface Supervision {
  readonly lifecycle?: Sparse<Lifecycle>;
  readonly livenessProbe?: Sparse<Probe>;
  readonly readinessProbe?: Sparse<Probe>;
  readonly startupProbe?: Sparse<Probe>;
}

/** Lifecycle hooks and probes of a long-running container; `grace` is the pod's, in seconds. */
export function validateSupervision(container: Supervision, path: string, grace: number): Findings {
  return [
    ...validateLifecycle(container.lifecycle, child(path, 'lifecycle'), grace),
    ...validateOnceProbe(container.livenessProbe, child(path, 'livenessProbe'), grace),
    ...validateReadiness(container.readinessProbe, child(path, 'readinessProbe'), grace),
    ...validateOnceProbe(container.startupProbe, child(path, 'startupProbe'), grace),
  ];
}

/** An init container that runs to its end has none of them. */
export function forbidSupervision(container: Supervision, path: string): Findings {
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  return fields
    .filter((field) => container[field] !== undefined && container[field] !== null)
    .map((field) =>
      forbiddenField(child(path, field), 'may not be set for init containers without restartPolicy=Always'),
    );
}
