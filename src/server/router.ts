import { type Answer, answerJson, type Call, type Handler } from './call.ts';
import { handleDiscovery } from './discovery/handler.ts';
import { unknownPath, wrongMethod } from './errors.ts';
import { type HealthCheck, handleHealth } from './health.ts';
import type { RequestMetrics } from './metrics.ts';
import { makeOpenApiHandler } from './openapi/handler.ts';
import { makeResourceHandler } from './resources.ts';
import type { Services } from './services.ts';
import { versionInfo } from './version.ts';

const PATHS = ['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v3', '/readyz', '/version'];

/** Documents that never change while the server runs, by their path. */
export type Documents = { readonly [path: string]: { readonly contentType: string; readonly body: string } };

/** Everything that the server answers: resources from the catalogue, and a few paths that are no resources. */
export function makeRouter(
  services: Services,
  options: {
    readonly checks: readonly HealthCheck[];
    readonly metrics: RequestMetrics;
    readonly documents: Documents;
  },
): Handler {
  const resources = makeResourceHandler(services);
  const openApi = makeOpenApiHandler(services.registry);
  const byRoot: { readonly [root: string]: Handler } = {
    '': () => answerJson(JSON.stringify({ paths: PATHS })),
    api: (call) => handleDiscovery(services.registry, call),
    apis: (call) => handleDiscovery(services.registry, call),
    openapi: (call) => openApiAt(openApi, call),
    version: exactly('/version', () => answerJson(JSON.stringify(versionInfo()))),
    healthz: (call) => handleHealth(options.checks, call),
    livez: (call) => handleHealth(options.checks, call),
    readyz: (call) => handleHealth(options.checks, call),
    metrics: exactly('/metrics', () => metricsAnswer(options.metrics)),
  };
  return (call) => {
    if (call.info.resource !== undefined) return resources(call);
    const root = call.path.split('/')[1] ?? '';
    const document = Object.hasOwn(options.documents, call.path) ? options.documents[call.path] : undefined;
    const found = Object.hasOwn(byRoot, root) ? byRoot[root] : undefined;
    const handler: Handler | undefined = document ? () => ({ kind: 'text', status: 200, ...document }) : found;
    if (handler === undefined) throw unknownPath();
    if (call.method !== 'GET' && call.method !== 'HEAD') throw wrongMethod();
    return handler(call);
  };
}

function exactly(path: string, handler: Handler): Handler {
  return (call) => {
    if (call.path.replace(/\/$/, '') !== path) throw unknownPath();
    return handler(call);
  };
}

function openApiAt(openApi: Handler, call: Call): Answer | Promise<Answer> {
  if (!/^\/openapi\/v3(\/|$)/.test(call.path)) throw unknownPath();
  return openApi(call);
}

function metricsAnswer(metrics: RequestMetrics): Answer {
  return { kind: 'text', status: 200, contentType: 'text/plain; version=0.0.4', body: metrics.render() };
}
