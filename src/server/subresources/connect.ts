import type { Call } from '../call.ts';
import { isTrue } from '../request-info.ts';
import type { Services, Target } from '../services.ts';
import { writerOf } from '../verbs/selection.ts';

const KINDS: { readonly [subresource: string]: string } = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
};

/** The options of a connection as upstream's type has them. */
function optionsOf(subresource: string, query: URLSearchParams): object {
  const kind = KINDS[subresource] ?? `${subresource}Options`;
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) => isTrue(query.get(flag)));
  const container = query.get('container');
  const command = query.getAll('command');
  const ports = query.getAll('ports').map(Number);
  return {
    kind,
    apiVersion: 'v1',
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(container ? { container } : {}),
    ...(command.length > 0 ? { command } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

/** Asks admission about a connection; rejects when it is refused. */
export function admitConnection({ registry }: Services, { kind, key, subresource }: Target, call: Call): Promise<void> {
  const options = { ...writerOf(call.user), subresource };
  return registry.connect(kind, key, optionsOf(subresource, call.query), options);
}
