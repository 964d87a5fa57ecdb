import type { KindDefinition } from '../../kinds/definition.ts';
import type { Registry } from '../../registry/registry.ts';
import { parseAccept } from '../accept.ts';
import type { Answer, Call } from '../call.ts';
import { unknownPath } from '../errors.ts';
import { answerTagged } from '../etag.ts';
import { aggregatedDiscovery } from './aggregated.ts';
import { coreVersions, groupDocument, groupList, resourceList } from './legacy.ts';

/** Answers `/api`, `/apis` and what is below them down to the list of resources. Throws 404. */
export function handleDiscovery({ catalogue }: Registry, call: Call): Answer {
  const [root, ...rest] = call.path.split('/').filter((segment) => segment !== '');
  const core = root === 'api';
  if (rest.length === 0) return handleRoot(catalogue, call, core);
  const [first = '', second = ''] = rest;
  const document = documentAt(catalogue, core, first, second);
  if (document === undefined) throw unknownPath();
  return answerTagged(call, JSON.stringify(document));
}

function documentAt(catalogue: readonly KindDefinition[], core: boolean, first: string, second: string) {
  if (core) return resourceList(catalogue, { group: '', version: first });
  if (second === '') return groupDocument(catalogue, first);
  return first === '' ? undefined : resourceList(catalogue, { group: first, version: second });
}

function handleRoot(catalogue: readonly KindDefinition[], call: Call, core: boolean): Answer {
  const version = aggregatedVersion(call.headers.accept);
  if (version === undefined) {
    return answerTagged(call, JSON.stringify(core ? coreVersions(catalogue) : groupList(catalogue)));
  }
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  return answerTagged(call, JSON.stringify(aggregatedDiscovery(catalogue, { core, version })), { contentType });
}

/** The version of aggregated discovery that the client prefers to the plain documents; undefined when none. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    const { as = '', g = '', v = '' } = parameters;
    if (type !== 'application/json' && type !== '*/*') continue;
    if (as === '') return undefined;
    const known = as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io';
    if (known && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}
