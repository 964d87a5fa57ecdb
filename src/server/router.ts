import { forwardAggregated } from './aggregation/handler.ts';
import { type Answer, answerJson, type Call, type Handler } from './call.ts';
import { flagsPage, statusPage } from './component-pages.ts';
import { handleDiscovery } from './discovery/handler.ts';
import { PAGE_NOT_FOUND, wrongMethod } from './errors.ts';
import { type HealthCheck, handleHealth } from './health.ts';
import { createHealthRecord } from './health-record.ts';
import type { RequestMetrics } from './metrics.ts';
import type { DescriptionSource } from './openapi/descriptions.ts';
import { makeOpenApiHandler } from './openapi/handler.ts';
import { makeSwaggerHandler } from './openapi/swagger-handler.ts';
import { renderMetrics } from './prometheus.ts';
import { makeResourceHandler } from './resources.ts';
import type { Services } from './services.ts';
import { versionInfo } from './version.ts';

/** How often the server was well. */
const SLIS = '/metrics/slis';
const PAGES = ['/flagz', '/healthz', '/livez', '/metrics', SLIS, '/readyz', '/statusz', '/version'];
const PATHS = ['/api', '/apis', '/openapi/v2', '/openapi/v3', ...PAGES].sort();

/** Documents that never change while the server runs, by their path. */
export type Documents = { readonly [path: string]: { readonly contentType: string; readonly body: string } };

/** Everything that the server answers: resources from the catalogue, and a few paths that are no resources. */
export function makeRouter(
  services: Services,
  options: {
    readonly checks: readonly HealthCheck[];
    readonly metrics: RequestMetrics;
    readonly documents: Documents;
    readonly descriptions: DescriptionSource;
  },
): Handler {
  const resources = makeResourceHandler(services);
  const openApi = makeOpenApiHandler(services.registry, options.descriptions);
  const swagger = makeSwaggerHandler(services.registry, options.descriptions);
  const health = { checks: options.checks, record: createHealthRecord() };
  const metrics = exactly('/metrics', () => metricsAnswer(options.metrics.render(services.registry)));
  const slis = exactly(SLIS, () => metricsAnswer(renderMetrics(health.record.metrics())));
  const byRoot: { readonly [root: string]: Handler } = {
    '': () => answerJson(JSON.stringify({ paths: PATHS })),
    api: (call) => handleDiscovery(services, call),
    apis: (call) => handleDiscovery(services, call),
    openapi: (call) => (call.path === '/openapi/v2' ? swagger(call) : openApiAt(openApi, call)),
    version: exactly('/version', () => answerJson(JSON.stringify(versionInfo()))),
    healthz: (call) => handleHealth(health, call),
    livez: (call) => handleHealth(health, call),
    readyz: (call) => handleHealth(health, call),
    metrics: (call) => (call.path === SLIS ? slis(call) : metrics(call)),
    flagz: exactly('/flagz', flagsPage),
    statusz: exactly('/statusz', () => statusPage(PAGES)),
  };
  return (call) => {
    const forwarded = forwardAggregated(services.aggregation, call);
    if (forwarded !== undefined) return forwarded;
    if (isOfNoGroup(services, call.path)) return PAGE_NOT_FOUND;
    if (call.info.resource !== undefined) return resources(call);
    const root = call.path.split('/')[1] ?? '';
    const handler =
      documentAt(options.documents, call.path) ?? (Object.hasOwn(byRoot, root) ? byRoot[root] : undefined);
    if (handler === undefined) return PAGE_NOT_FOUND;
    if (call.method !== 'GET' && call.method !== 'HEAD') throw wrongMethod();
    return handler(call);
  };
}

function documentAt(documents: Documents, path: string): Handler | undefined {
  const document = Object.hasOwn(documents, path) ? documents[path] : undefined;
  return document && (() => ({ kind: 'text', status: 200, ...document }));
}

/** A path below `/apis/<group>` of a group that nobody serves: it has no router of its own upstream. */
function isOfNoGroup({ registry: { catalogue }, aggregation }: Services, path: string): boolean {
  const [, root, group] = path.split('/');
  if (root !== 'apis' || group === undefined || group === '') return false;
  return ![...catalogue, ...aggregation.versions()].some((each) => each.group === group);
}

function exactly(path: string, handler: Handler): Handler {
  return (call) => {
    if (call.path.replace(/\/$/, '') !== path) return PAGE_NOT_FOUND;
    return handler(call);
  };
}

function openApiAt(openApi: Handler, call: Call): Answer | Promise<Answer> {
  if (!/^\/openapi\/v3(\/|$)/.test(call.path)) return PAGE_NOT_FOUND;
  return openApi(call);
}

function metricsAnswer(body: string): Answer {
  return { kind: 'text', status: 200, contentType: 'text/plain; version=0.0.4', body };
}
