import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SignerJudge } from '../admission/certificate-signers.ts';
import type { DynamicAdmissionOptions } from '../admission/dynamic-admission.ts';
import type { AdmissionLookup } from '../admission/plugin.ts';
import { type AdmissionOptions, createAdmissionPlugins } from '../admission/plugins.ts';
import { rbacLookup } from '../admission/rbac-lookup.ts';
import type { Authorizer } from '../auth/authenticator.ts';
import { createEscalationCheck } from '../auth/rbac/escalation.ts';
import { createAuthorizer } from '../auth/rbac/rbac-authorizer.ts';
import { readCredential } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { createHttpsJson } from '../host/https-json.ts';
import { catalogue } from '../kinds/catalogue.ts';
import { customResourceDefinitionKind } from '../kinds/custom/custom-resource-definition.ts';
import { type DefinitionSource, followCustomResources } from '../kinds/custom/follow-custom-resources.ts';
import type { CustomResourceDefinition } from '../kinds/custom/types.ts';
import { createCatalogue, type LiveCatalogue } from '../kinds/live-catalogue.ts';
import { findSchema } from '../kinds/schema.ts';
import { createRegistry, lookupOf } from '../registry/create-registry.ts';
import type { Registry } from '../registry/registry.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { RestingStore } from '../store/store.ts';
import { storePrefix } from '../store/store-key.ts';
import type { Logger } from './logger.ts';
import { networkRanges } from './network-ranges.ts';
import { secretJudge } from './secret-judge.ts';

/** The object store of this host and the registry in front of it. */
export interface OpenRegistry {
  readonly store: RestingStore;
  readonly registry: Registry;
  /** Reads of anything stored. */
  readonly lookup: AdmissionLookup;
}

/** What the registry is made of. */
export interface OpenOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly diagnosePod: AdmissionOptions['diagnosePod'];
  readonly hasSctp: AdmissionOptions['hasSctp'];
}

/** The stored definitions of custom resources. */
function definitionsOf(registry: Registry): DefinitionSource {
  const kind = customResourceDefinitionKind;
  return {
    list: () => registry.list(kind, {}).entries.map(({ object }) => object as CustomResourceDefinition),
    subscribe: (changed) => {
      registry.subscribe(kind, (events) => {
        for (const { entry, type } of events) changed(entry.object as CustomResourceDefinition, type === 'DELETED');
      });
    },
  };
}

type Webhooks = Pick<DynamicAdmissionOptions, 'transport' | 'uuid' | 'random'>;

/** What policies and webhooks need: who may do what, and a way to webhooks. */
function dynamicAdmission(live: LiveCatalogue, webhooks: Webhooks): DynamicAdmissionOptions {
  return {
    definitions: () => live.definitions,
    authorizerOver: (lookup) => {
      const authorize = createAuthorizer(rbacLookup(lookup));
      return ({ resource, ...check }) =>
        authorize({ ...check, ...(resource && { resource: { ...resource, version: '*' } }) });
    },
    ...webhooks,
  };
}

/** The key of Secrets, which systemd has decrypted for us; without one they lie readable in the store, which is said. */
function storeKeyOf(log: Logger): Uint8Array | undefined {
  const key = readCredential('quadshift.store-key');
  if (key?.length === 32) return key;
  log.warn({ bytes: key?.length ?? 0 }, 'Secrets are stored unencrypted: there is no credential quadshift.store-key');
  return undefined;
}

function signerJudge(authorize: Authorizer): SignerJudge {
  return ({ user, verb, signer: name }) => {
    const asker = { uid: '', extra: {}, ...user };
    const group = 'certificates.k8s.io';
    const resource = { group, version: '*', resource: 'signers', subresource: '', namespace: '', name };
    return authorize({ user: asker, verb, path: '', resource }).allowed;
  };
}

/** Opens (or makes) the store below the state folder. */
export function openRegistry({ config, log, diagnosePod, hasSctp }: OpenOptions): OpenRegistry {
  mkdirSync(config.paths.state, { recursive: true, mode: 0o700 });
  const store = openSqliteStore(join(config.paths.state, 'store.db'), {
    encryption: { key: storeKeyOf(log), prefixes: [storePrefix({ group: '', plural: 'secrets' })] },
    onListenerError: (err) => log.error({ err }, 'a subscriber of the store failed'),
  });
  const live = createCatalogue(catalogue);
  const webhooks = { transport: createHttpsJson(), uuid: randomUUID, random: (below: number) => randomInt(below) };
  const registry = createRegistry({
    store,
    catalogue: live,
    schema: { lookup: findSchema },
    admission: createAdmissionPlugins({
      ...config.network,
      serviceCidrs: networkRanges(config).serviceCidrs,
      random: (below) => randomInt(below),
      diagnosePod,
      hasSctp,
      dynamic: dynamicAdmission(live, webhooks),
      judgeSigner: (lookup) => signerJudge(createAuthorizer(lookup)),
      judgeSecretAccess: (lookup) => secretJudge(createAuthorizer(lookup)),
      judgeEscalation: (lookup) => createEscalationCheck(lookup, createAuthorizer(lookup)),
    }),
    webhooks,
    clock: Date.now,
    random: (below) => randomInt(below),
    audit: (key, value) => log.debug({ key, value }, 'admission annotated a request'),
    log: (message, err) => log.error({ err }, message),
  });
  followCustomResources(definitionsOf(registry), live);
  return { store, registry, lookup: lookupOf(store) };
}
