import type { Pod } from '../../kinds/types.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { badRequest, invalid } from '../../machinery/status-error.ts';
import type { LogOptions } from '../../streams/pod-streams.ts';
import type { Answer, Call } from '../call.ts';
import { parseInteger } from '../options.ts';
import { isTrue } from '../request-info.ts';
import type { Services, Target } from '../services.ts';
import { acceptReader, chooseReaderProtocol, wantsWebSocket } from '../streams/log-socket.ts';

/** GET of `log`: the container's output as plain text, flushed as it comes. */
export function handleLog({ registry, streams }: Services, { kind, key }: Target, call: Call): Answer {
  const { object } = registry.get(kind, key);
  const chunks = streams.logs(object as Pod, parseLogOptions(call.query, key.name), call.signal);
  if (!call.wantsUpgrade || !wantsWebSocket(call.headers)) return { kind: 'stream', contentType: 'text/plain', chunks };
  const protocol = chooseReaderProtocol(call.headers);
  return { kind: 'upgrade', accept: (connection) => acceptReader(connection, protocol, chunks) };
}

/** Reads `v1.PodLogOptions`. Throws 400 or 422. */
function parseLogOptions(query: URLSearchParams, name: string): LogOptions {
  const sinceTime = query.get('sinceTime') || undefined;
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime))) {
    throw badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  }
  const options = {
    container: query.get('container') || undefined,
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    sinceTime,
    sinceSeconds: parseInteger(query, 'sinceSeconds'),
    tailLines: parseInteger(query, 'tailLines'),
    limitBytes: parseInteger(query, 'limitBytes'),
    stream: query.get('stream') || undefined,
  };
  const errors = [...checkNumbers(options), ...checkSince(options), ...checkStream(options)];
  if (errors.length > 0) throw invalid({ group: '', resource: 'PodLogOptions', name }, errors);
  return options;
}

/** The smallest value of each number, and how upstream says it. */
const LEAST = [
  ['tailLines', 0, 'must be greater than or equal to 0'],
  ['limitBytes', 1, 'must be greater than 0'],
  ['sinceSeconds', 1, 'must be greater than 0'],
] as const;

function checkNumbers(options: LogOptions): readonly FieldError[] {
  return LEAST.flatMap(([field, least, rule]) => {
    const value = options[field];
    if (value === undefined || value >= least) return [];
    return [{ type: 'FieldValueInvalid' as const, field, message: `Invalid value: ${value}: ${rule}` }];
  });
}

const STREAMS: ReadonlySet<string> = new Set(['All', 'Stdout', 'Stderr']);

function checkStream({ stream, tailLines }: LogOptions): readonly FieldError[] {
  if (stream === undefined || stream === 'All') return [];
  if (!STREAMS.has(stream)) {
    const message = `Unsupported value: "${stream}": supported values: "All", "Stderr", "Stdout"`;
    return [{ type: 'FieldValueNotSupported', field: 'stream', message }];
  }
  if (tailLines === undefined) return [];
  const message = 'Forbidden: `tailLines` and specific `stream` are mutually exclusive for now';
  return [{ type: 'FieldValueForbidden', field: 'tailLines', message }];
}

function checkSince({ sinceSeconds, sinceTime }: LogOptions): readonly FieldError[] {
  if (sinceSeconds === undefined || sinceTime === undefined) return [];
  const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
  return [{ type: 'FieldValueForbidden', field: 'sinceSeconds', message }];
}
