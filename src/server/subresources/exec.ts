import type { Pod } from '../../kinds/types.ts';
import { badRequest } from '../../machinery/status-error.ts';
import type { ExecRequest } from '../../streams/pod-streams.ts';
import type { Answer, Call } from '../call.ts';
import { isTrue } from '../request-info.ts';
import type { Services, Target } from '../services.ts';
import { isSpdy } from '../streams/accept-spdy.ts';
import { acceptExec } from '../streams/exec-socket.ts';
import { acceptExecSpdy } from '../streams/exec-spdy.ts';
import { chooseProtocol, chooseSpdyProtocol } from '../streams/subprotocol.ts';
import { admitConnection } from './connect.ts';

/** GET or POST of `exec` and `attach`: the streams of a process over a WebSocket or SPDY. */
export async function handleExec(services: Services, target: Target, call: Call): Promise<Answer> {
  const { object } = services.registry.get(target.kind, target.key);
  const request = parseExecRequest(call.query, target.subresource);
  await admitConnection(services, target, call);
  if (!call.wantsUpgrade) throw badRequest('Upgrade request required');
  const spdy = isSpdy(call.headers);
  const protocol = spdy ? chooseSpdyProtocol(call.headers) : chooseProtocol(call.headers);
  const open = target.subresource === 'exec' ? services.streams.exec : services.streams.attach;
  // Before the upgrade, so that what the container doesn't have is an ordinary HTTP error.
  const session = await open.call(services.streams, object as Pod, request);
  const accept = spdy ? acceptExecSpdy : acceptExec;
  return { kind: 'upgrade', accept: (connection) => accept({ connection, protocol, request, session }) };
}

/** Reads `v1.PodExecOptions` or `v1.PodAttachOptions`. Throws 400. */
function parseExecRequest(query: URLSearchParams, subresource: string): ExecRequest {
  const request: ExecRequest = {
    container: query.get('container') || undefined,
    command: query.getAll('command'),
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')),
    tty: isTrue(query.get('tty')),
  };
  if (!request.stdin && !request.stdout && !request.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  if (request.tty && request.stderr) throw badRequest('tty and stderr cannot both be true');
  if (subresource === 'exec' && request.command.length === 0) throw badRequest('you must specify a command');
  return request;
}
