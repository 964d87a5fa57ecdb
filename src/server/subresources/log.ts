import type { Pod } from '../../kinds/types.ts';
import { badRequest } from '../../machinery/status-error.ts';
import type { LogOptions } from '../../streams/pod-streams.ts';
import type { Answer, Call } from '../call.ts';
import { parseInteger } from '../options.ts';
import { isTrue } from '../request-info.ts';
import type { Services, Target } from '../services.ts';

/** GET of `log`: the container's output as plain text, flushed as it comes. */
export function handleLog({ registry, streams }: Services, { kind, key }: Target, call: Call): Answer {
  const { object } = registry.get(kind, key);
  const chunks = streams.logs(object as Pod, parseLogOptions(call.query), call.signal);
  return { kind: 'stream', contentType: 'text/plain', chunks };
}

/** Reads `v1.PodLogOptions`. Throws 400. */
function parseLogOptions(query: URLSearchParams): LogOptions {
  const sinceTime = query.get('sinceTime') || undefined;
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime))) {
    throw badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  }
  return {
    container: query.get('container') || undefined,
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    sinceTime,
    sinceSeconds: atLeast(1, parseInteger(query, 'sinceSeconds'), 'sinceSeconds'),
    tailLines: atLeast(0, parseInteger(query, 'tailLines'), 'tailLines'),
    limitBytes: atLeast(1, parseInteger(query, 'limitBytes'), 'limitBytes'),
  };
}

function atLeast(least: number, value: number | undefined, name: string): number | undefined {
  if (value === undefined || value >= least) return value;
  throw badRequest(`${name} must be greater than or equal to ${least}`);
}
