import type { AddressInfo } from 'node:net';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authenticator.ts';
import type { Registry } from '../registry/registry.ts';
import type { PodStreams } from '../streams/pod-streams.ts';
import { buildChain } from './chain.ts';
import { componentStatuses } from './component-statuses.ts';
import type { HealthCheck } from './health.ts';
import { createHttp, type TlsMaterial } from './http.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { type DescriptionSource, UNDESCRIBED } from './openapi/descriptions.ts';
import type { Metric } from './prometheus.ts';
import { type Documents, makeRouter } from './router.ts';
import type { Aggregation, ProxyTargets, Readings, SubresourceHandlers, VirtualHandlers } from './services.ts';
import { attachUpgrades } from './upgrade.ts';

/** Where to listen: a socket that systemd has opened for us (socket activation hands over 3), or a port. */
export type ListenOn = { readonly fd: number } | { readonly host?: string; readonly port: number };

/** Everything that the API server is made of. */
export interface ServerOptions {
  readonly registry: Registry;
  readonly streams: PodStreams;
  readonly tls: TlsMaterial;
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly log: Log;
  readonly listen: ListenOn;
  /** Creates through subresources (`binding`, `eviction`, `token`, `<plural>/finalize`); none by default. */
  readonly subresources?: SubresourceHandlers;
  /** What virtual kinds (reviews) are answered by, by `<group>/<plural>`; 404 where there is none. */
  readonly virtuals?: VirtualHandlers;
  /** What others tell in `/metrics`. */
  readonly metrics?: () => readonly Metric[];
  /** What virtual kinds that are read (metrics) come from, by `<group>/<plural>`; 404 where there is none. */
  readonly readings?: Readings;
  /** What is behind `proxy` subresources, by plural; 404 where there is nothing. */
  readonly proxies?: ProxyTargets;
  /** API servers behind this one; none by default. */
  readonly aggregation?: Aggregation;
  /** More documents by their path: the OpenID Connect discovery. */
  readonly documents?: Documents;
  /** What OpenAPI says of types and fields; nothing by default. */
  readonly descriptions?: DescriptionSource;
  /** Checks beside `ping` behind `/livez`, `/readyz` and `/healthz`. */
  readonly checks?: readonly HealthCheck[];
}

/** A listening API server. */
export interface ApiServer {
  /** The bound address. */
  readonly address: AddressInfo;
  /** Serves new connections with another certificate; open ones keep theirs. */
  updateTls(tls: TlsMaterial): void;
  /** Ends watches and streams, then connections. Resolves when all are closed. */
  close(): Promise<void>;
}

const NO_AGGREGATION: Aggregation = { locate: () => undefined, versions: () => [] };

/** Builds the API server and resolves when it listens. */
export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const { registry, streams, subresources = {}, virtuals = {}, readings = {}, proxies = {} } = options;
  const { documents = {}, checks = [], aggregation = NO_AGGREGATION, descriptions = UNDESCRIBED, log } = options;
  const metrics = createMetrics(options.metrics);
  const services = {
    registry,
    streams,
    subresources,
    virtuals,
    readings: { '/componentstatuses': componentStatuses, ...readings },
    proxies,
    aggregation,
    authorize: options.authorize,
  };
  const router = makeRouter(services, { checks, metrics, documents, descriptions });
  const handler = buildChain(
    { authenticate: options.authenticate, authorize: options.authorize, log, metrics },
    router,
  );
  const http = createHttp({ handler, tls: options.tls, log });
  attachUpgrades(http, { handler, log });
  await http.listen(options.listen);
  return {
    address: http.server.address() as AddressInfo,
    updateTls: (tls) => http.server.setSecureContext({ ...tls }),
    close: () => http.close(),
  };
}
