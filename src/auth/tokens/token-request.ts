import type { FieldError } from '../../machinery/field-error.ts';
import { invalidValue } from '../../machinery/field-path.ts';
import { goQuote } from '../../machinery/go-format.ts';
import type { KubernetesObject, ObjectKey } from '../../machinery/object.ts';
import { badRequest, conflict, invalid, notFound } from '../../machinery/status-error.ts';
import { formatTime } from '../../machinery/time.ts';
import type { AccountLookup } from './account-lookup.ts';
import { decodeRequest } from './decode-request.ts';
import { issueToken, type TokenIssuer } from './issue-token.ts';
import type { AccountClaims, ObjectClaim } from './token-claims.ts';

const DEFAULT_LIFE_SECONDS = 3600;
const MIN_LIFE_SECONDS = 600;
const MAX_LIFE_SECONDS = 2 ** 32;
const SCHEMA = 'io.k8s.api.authentication.v1.TokenRequest';

/** What TokenRequests are answered with. */
export interface TokenRequestOptions extends TokenIssuer {
  readonly lookup: AccountLookup;
  /** Audiences of a request that names none: the API server's. */
  readonly audiences: readonly string[];
  /** Longest life that is granted; longer ones are cut with a warning. No limit unless given. */
  readonly maxLifeSeconds?: number;
}

/** A create of `serviceaccounts/token`; fits the server's `SubresourceCall`. */
export interface TokenRequestCall {
  readonly key: ObjectKey;
  readonly body: object;
}

interface TokenRequest extends KubernetesObject {
  readonly spec?: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: BoundReference;
  };
}

interface BoundReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
}

function validate(request: TokenRequest, key: ObjectKey, life: number): readonly FieldError[] {
  const { name = key.name, namespace = key.namespace } = request.metadata ?? {};
  const must = (field: string, value: string, wanted: string): readonly FieldError[] =>
    value === '' || value === wanted
      ? []
      : [invalidValue(`metadata.${field}`, value, `must match the service account ${field} if specified`)];
  const path = 'spec.expirationSeconds';
  return [
    ...must('name', name, key.name),
    ...must('namespace', namespace, key.namespace),
    ...(life < MIN_LIFE_SECONDS ? [invalidValue(path, life, 'may not specify a duration less than 10 minutes')] : []),
    ...(life > MAX_LIFE_SECONDS
      ? [invalidValue(path, life, 'may not specify a duration larger than 2^32 seconds')]
      : []),
  ];
}

function claimOf(object: KubernetesObject): ObjectClaim {
  return { name: object.metadata?.name ?? '', uid: object.metadata?.uid };
}

function required<T>(object: T | undefined, resource: string, name: string): T {
  if (object === undefined) throw notFound({ group: '', resource, name });
  return object;
}

type Binding = Pick<AccountClaims, 'pod' | 'node' | 'secret'>;

function bindToPod(lookup: AccountLookup, key: ObjectKey, name: string): Binding {
  const pod = required(lookup.pod(key.namespace, name), 'pods', name);
  if (pod.spec?.serviceAccountName !== key.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${goQuote(key.name)} to pod running with different serviceaccount name.`,
    );
  }
  const { nodeName } = pod.spec;
  if (!nodeName) return { pod: claimOf(pod) };
  const node = lookup.node(nodeName);
  return { pod: claimOf(pod), node: node === undefined ? { name: nodeName } : claimOf(node) };
}

function bindTo(lookup: AccountLookup, key: ObjectKey, reference: BoundReference): Binding {
  const { apiVersion = '', kind = '', name = '' } = reference;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  switch (group === '' ? kind : '') {
    case 'Pod':
      return bindToPod(lookup, key, name);
    case 'Node':
      return { node: claimOf(required(lookup.node(name), 'nodes', name)) };
    case 'Secret':
      return { secret: claimOf(required(lookup.secret(key.namespace, name), 'secrets', name)) };
    default:
      throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
}

/** Throws what doesn't exist, can't be bound to, or was made anew since. */
function bind(lookup: AccountLookup, key: ObjectKey, reference: BoundReference | undefined): Binding {
  if (reference === undefined) return {};
  const binding = bindTo(lookup, key, reference);
  const { uid } = binding.pod ?? binding.secret ?? binding.node ?? {};
  if (reference.uid === undefined || reference.uid === '' || reference.uid === uid) return binding;
  const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflict({ group: '', resource: reference.kind ?? '', name: reference.name }, why);
}

interface Life {
  readonly seconds: number;
  readonly warnings: readonly string[];
}

function limit(wanted: number, max: number | undefined): Life {
  if (max === undefined || wanted <= max) return { seconds: wanted, warnings: [] };
  return {
    seconds: max,
    warnings: [`requested expiration of ${wanted} seconds shortened to ${max} seconds`],
  };
}

/** Makes the handler of `serviceaccounts/token`: gives a signed token for the account. Rejects with `StatusError`. */
export function createTokenRequestHandler(options: TokenRequestOptions) {
  const { lookup, clock } = options;
  return async ({
    key,
    body,
  }: TokenRequestCall): Promise<{ object: KubernetesObject; warnings: readonly string[] }> => {
    const request = decodeRequest<TokenRequest>(body, SCHEMA);
    const account = required(lookup.serviceAccount(key.namespace, key.name), 'serviceaccounts', key.name);
    const wanted = request.spec?.expirationSeconds ?? DEFAULT_LIFE_SECONDS;
    const errors = validate(request, key, wanted);
    if (errors.length > 0)
      throw invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest', name: '' }, errors);
    const { boundObjectRef, audiences: named = [] } = request.spec ?? {};
    const binding = bind(lookup, key, boundObjectRef);
    const life = limit(wanted, options.maxLifeSeconds);
    const audiences = named.length === 0 ? options.audiences : named;
    const claims = { namespace: key.namespace, serviceaccount: claimOf(account), ...binding };
    const issued = issueToken(options, { account: claims, audiences, lifeSeconds: life.seconds });
    const object = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { ...request.metadata, ...key, creationTimestamp: formatTime(clock()) },
      spec: { ...request.spec, audiences, expirationSeconds: life.seconds, boundObjectRef: boundObjectRef ?? null },
      status: { token: issued.token, expirationTimestamp: formatTime(issued.expires) },
    };
    return { object, warnings: life.warnings };
  };
}
