import type { UserInfo } from '../../auth/authenticator.ts';
import type { Answer, Call } from '../call.ts';
import { forwardRequest } from '../proxy/forward.ts';
import { forwardUpgrade } from '../proxy/forward-upgrade.ts';
import type { Aggregation } from '../services.ts';

/** Who asks, as extension API servers read it. */
function userHeaders({ name, uid, groups, extra }: UserInfo): { readonly [name: string]: string | string[] } {
  const more = Object.entries(extra).map(
    ([key, values]) => [`x-remote-extra-${encodeURIComponent(key)}`, [...values]] as const,
  );
  return {
    'x-remote-user': name,
    ...(uid === '' ? {} : { 'x-remote-uid': uid }),
    ...(groups.length === 0 ? {} : { 'x-remote-group': [...groups] }),
    ...Object.fromEntries(more),
  };
}

/** Sends a request for a version that another server serves on to it; undefined for all others. Throws 503. */
export function forwardAggregated({ locate }: Aggregation, call: Call): Answer | Promise<Answer> | undefined {
  const [, root, group = '', version = ''] = call.path.split('/');
  if (root !== 'apis' || version === '') return undefined;
  const location = locate(group, version);
  if (location === undefined) return undefined;
  const request = { location, prefix: '', path: call.path, headers: userHeaders(call.user) };
  if (!call.wantsUpgrade) return forwardRequest(request, call);
  return { kind: 'upgrade', accept: (connection) => forwardUpgrade(request, call, connection) };
}
