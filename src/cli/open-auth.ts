import { randomUUID } from 'node:crypto';
import { type Authenticator, authenticateCertificate, firstOf } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authenticator.ts';
import type { Pki } from '../auth/pki.ts';
import { bootstrapRbacObjects } from '../auth/rbac/bootstrap/bootstrap-rbac-objects.ts';
import { createAuthorizer } from '../auth/rbac/rbac-authorizer.ts';
import { createRbacLookup, type RbacSource } from '../auth/rbac/rbac-cache.ts';
import { createReviewHandlers } from '../auth/reviews/review-handlers.ts';
import type { AccountLookup } from '../auth/tokens/account-lookup.ts';
import { JWKS_PATH, jsonWebKeySet, OPENID_CONFIGURATION_PATH, openIdConfiguration } from '../auth/tokens/discovery.ts';
import type { TokenIssuer } from '../auth/tokens/issue-token.ts';
import { createTokenKey, type TokenKey } from '../auth/tokens/json-web-token.ts';
import { createPodTokens, type PodTokenOptions } from '../auth/tokens/pod-tokens.ts';
import {
  createTokenAuthenticator,
  createTokenJudge,
  DEFAULT_ISSUER,
  type TokenJudge,
} from '../auth/tokens/token-authenticator.ts';
import { createTokenRequestHandler } from '../auth/tokens/token-request.ts';
import type { Controller } from '../controllers/controller.ts';
import { rbacAggregation } from '../controllers/rbac-aggregation.ts';
import { rbacBootstrap } from '../controllers/rbac-bootstrap.ts';
import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';
import type { Pod, Secret, ServiceAccount } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { Documents } from '../server/router.ts';
import type { SubresourceHandlers, VirtualHandlers } from '../server/services.ts';

/** What authentication and authorization are joined from. */
export interface AuthOptions {
  readonly registry: Registry;
  /** Signs and verifies the tokens of ServiceAccounts. */
  readonly serviceAccount: Pki['serviceAccount'];
  /** URL under which clients reach the server, for the OpenID Connect discovery. */
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Who may do what: the parts of the server and the controllers that know it. */
export interface Auth {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly subresources: SubresourceHandlers;
  readonly virtuals: VirtualHandlers;
  readonly documents: Documents;
  readonly controllers: readonly Controller[];
  /** Makes the source of the tokens that pods mount, given a reader of those that they have. */
  readonly podTokens: (read: PodTokenOptions['read']) => ReturnType<typeof createPodTokens>;
}

/** Reads of one kind through the registry. */
function sourceOf<T extends KubernetesObject>(registry: Registry, group: string, plural: string): RbacSource<T> {
  const kind = registry.definition(group, plural);
  if (kind === undefined) throw new Error(`the catalogue has no ${group}/${plural}`);
  return {
    find: (namespace, name) => registry.find(kind, { namespace, name })?.object as T | undefined,
    list: (namespace) =>
      registry.list(kind, namespace === undefined ? {} : { namespace }).entries.map(({ object }) => object as T),
    subscribe: (changed) => {
      registry.subscribe(kind, (events) => {
        for (const { entry } of events) changed(entry.object);
      });
    },
  };
}

/** Roles and bindings of the registry, as they are whenever they are asked for. */
export function rbacOver(registry: Registry): RbacLookup {
  const of = <T extends KubernetesObject>(plural: string): RbacSource<T> =>
    sourceOf<T>(registry, 'rbac.authorization.k8s.io', plural);
  return createRbacLookup({
    clusterRoles: of('clusterroles'),
    clusterRoleBindings: of('clusterrolebindings'),
    roles: of('roles'),
    roleBindings: of('rolebindings'),
  });
}

function accountsOver(registry: Registry): AccountLookup {
  const accounts = sourceOf<ServiceAccount>(registry, '', 'serviceaccounts');
  const pods = sourceOf<Pod>(registry, '', 'pods');
  const secrets = sourceOf<Secret>(registry, '', 'secrets');
  const nodes = sourceOf(registry, '', 'nodes');
  return {
    serviceAccount: accounts.find,
    pod: pods.find,
    secret: secrets.find,
    node: (name) => nodes.find('', name),
  };
}

function documentsOf(key: TokenKey, server: string): Documents {
  const configuration = JSON.stringify(openIdConfiguration(DEFAULT_ISSUER, server));
  return {
    [OPENID_CONFIGURATION_PATH]: { contentType: 'application/json', body: configuration },
    [JWKS_PATH]: { contentType: 'application/jwk-set+json', body: JSON.stringify(jsonWebKeySet([key])) },
  };
}

interface Joined {
  readonly lookup: RbacLookup;
  readonly authorize: Authorizer;
  readonly judge: TokenJudge;
  readonly issuer: TokenIssuer;
  readonly accounts: AccountLookup;
}

/** Audiences of a token that is meant for the API server. */
const AUDIENCES = [DEFAULT_ISSUER];

function handlersOf({ lookup, authorize, judge, issuer, accounts }: Joined): Pick<Auth, 'subresources' | 'virtuals'> {
  const { clock } = issuer;
  return {
    subresources: {
      'serviceaccounts/token': createTokenRequestHandler({ ...issuer, lookup: accounts, audiences: AUDIENCES }),
    },
    virtuals: createReviewHandlers({ authorize, lookup, judge, audiences: AUDIENCES, clock }),
  };
}

/** Joins RBAC, tokens and reviews over a registry. */
export function openAuth({ registry, serviceAccount, server, clock }: AuthOptions): Auth {
  const key = createTokenKey(serviceAccount);
  const issuer = { key, issuer: DEFAULT_ISSUER, clock, uuid: randomUUID };
  const accounts = accountsOver(registry);
  const judge = createTokenJudge({ ...issuer, lookup: accounts });
  const lookup = rbacOver(registry);
  const authorize = createAuthorizer(lookup);
  return {
    authenticate: firstOf([authenticateCertificate, createTokenAuthenticator(judge, AUDIENCES)]),
    authorize,
    ...handlersOf({ lookup, authorize, judge, issuer, accounts }),
    documents: documentsOf(key, server),
    controllers: [rbacBootstrap({ registry, objects: bootstrapRbacObjects() }), rbacAggregation({ registry })],
    podTokens: (read) => createPodTokens({ ...issuer, lookup: accounts, read }),
  };
}
