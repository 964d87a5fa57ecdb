import { badRequest, notFound } from '../../machinery/status-error.ts';
import type { Answer, Call } from '../call.ts';
import { PAGE_NOT_FOUND, unknownPath } from '../errors.ts';
import { forwardRequest } from '../proxy/forward.ts';
import { forwardUpgrade } from '../proxy/forward-upgrade.ts';
import type { LocalSite, Services, Target } from '../services.ts';

/** Any method on `proxy` and below: goes on to what is behind the object, as upstream's UpgradeAwareHandler does. */
export function handleProxy(services: Services, { kind, key }: Target, call: Call): Answer | Promise<Answer> {
  const target = Object.hasOwn(services.proxies, kind.plural) ? services.proxies[kind.plural] : undefined;
  if (target === undefined) throw unknownPath();
  const location = target(key);
  const { prefix, path } = splitPath(call.path);
  if ('site' in location) return answerSite(location.site, path, call);
  const request = { location, prefix, path };
  if (call.wantsUpgrade) return { kind: 'upgrade', accept: (connection) => forwardUpgrade(request, call, connection) };
  if (path === '' && (call.method === 'GET' || call.method === 'HEAD')) return redirectToRoot(call);
  return forwardRequest(request, call);
}

/** The request's path up to `proxy`, and what comes behind it, still percent-encoded. */
function splitPath(path: string): { readonly prefix: string; readonly path: string } {
  const prefix = /^\/api\/[^/]+\/(?:namespaces\/[^/]+\/)?[^/]+\/[^/]+\/proxy(?=\/|$)/.exec(path)?.[0];
  if (prefix === undefined) throw badRequest(`${path} is not a path through a proxy`);
  return { prefix, path: path.slice(prefix.length) };
}

/** Relative links of the page at the root would lead elsewhere without the slash. */
function redirectToRoot({ path, query }: Call): Answer {
  const search = query.size === 0 ? '' : `?${query}`;
  return { kind: 'text', status: 301, contentType: 'text/plain', body: '', headers: { location: `${path}/${search}` } };
}

async function answerSite(site: LocalSite, path: string, call: Call): Promise<Answer> {
  if (call.wantsUpgrade) throw notFound({ group: '', resource: 'nodes/proxy', name: path });
  const page = call.method === 'GET' || call.method === 'HEAD' ? await site(path) : undefined;
  return page === undefined ? PAGE_NOT_FOUND : { kind: 'text', status: 200, ...page };
}
