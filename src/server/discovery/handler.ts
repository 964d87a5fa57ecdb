import type { KindDefinition } from '../../kinds/definition.ts';
import { parseAccept, unacceptable } from '../accept.ts';
import { remoteGroup, remoteGroups, remoteItems } from '../aggregation/discovery.ts';
import { type Answer, answerJson, type Call } from '../call.ts';
import { unknownPath } from '../errors.ts';
import { answerTagged } from '../etag.ts';
import type { RemoteVersion, Services } from '../services.ts';
import { aggregatedDiscovery } from './aggregated.ts';
import { coreVersions, groupDocument, groupList, resourceList } from './legacy.ts';

/** Answers `/api`, `/apis` and what is below them down to the list of resources. Throws 404. */
export function handleDiscovery({ registry: { catalogue }, aggregation }: Services, call: Call): Answer {
  const remote = aggregation.versions();
  const [root, ...rest] = call.path.split('/').filter((segment) => segment !== '');
  const core = root === 'api';
  if (rest.length === 0) return handleRoot(catalogue, call, { remote, core });
  const [first = '', second = ''] = rest;
  const theirs = core || second !== '' ? undefined : remoteGroup(remote, first);
  const document = documentAt(catalogue, core, first, second) ?? theirs;
  if (document === undefined) throw unknownPath();
  return answerPlain(document);
}

/** The older documents have no entity tags; clients ask for them again each time. */
function answerPlain(document: object): Answer {
  return { ...answerJson(JSON.stringify(document)), headers: { 'cache-control': 'no-cache, private' } };
}

function documentAt(catalogue: readonly KindDefinition[], core: boolean, first: string, second: string) {
  if (core) return resourceList(catalogue, { group: '', version: first });
  if (second === '') return groupDocument(catalogue, first);
  return first === '' ? undefined : resourceList(catalogue, { group: first, version: second });
}

function handleRoot(
  catalogue: readonly KindDefinition[],
  call: Call,
  { remote, core }: { readonly remote: readonly RemoteVersion[]; readonly core: boolean },
): Answer {
  if (!wantsAggregated(call.headers.accept)) {
    return answerPlain(core ? coreVersions(catalogue) : groupList(catalogue, remoteGroups(remote)));
  }
  const more = core ? [] : remoteItems(remote);
  const document = JSON.stringify(aggregatedDiscovery(catalogue, { core, more }));
  const answer = answerTagged(call, document, { contentType: AGGREGATED });
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public' } };
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Whether the client prefers aggregated discovery to the plain documents. Throws 406 when it takes neither. */
function wantsAggregated(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept)) {
    const { as = '', g = '', v = '' } = parameters;
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    if (as === '') return false;
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2') return true;
  }
  throw unacceptable();
}
