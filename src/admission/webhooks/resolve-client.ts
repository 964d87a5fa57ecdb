import { resolveService, type ServiceLookup } from '../../kinds/resolve-service.ts';
import type { WebhookClientConfig } from '../../kinds/webhook-client-config.ts';
import type { WebhookTarget } from './transport.ts';

const HTTPS = 443;

/** Where a webhook is, by its URL or behind its Service. Throws an Error with upstream's sentence. */
export function resolveClient(config: WebhookClientConfig, services: ServiceLookup): WebhookTarget {
  const { url, service, caBundle = '' } = config;
  if (url !== undefined) return { url, caBundle };
  if (service === undefined) throw new Error('webhook configuration must have either service or URL');
  const { namespace = '', name = '', port = HTTPS } = service;
  return { url: describeClient(config), caBundle, address: resolveService(services, { namespace, name, port }) };
}

/** The URL under which errors name a webhook. */
export function describeClient({ url, service }: WebhookClientConfig): string {
  if (url !== undefined || service === undefined) return url ?? '';
  const { namespace = '', name = '', path = '', port = HTTPS } = service;
  return `https://${name}.${namespace}.svc:${port}${path === '' ? '' : `/${path.replace(/^\//, '')}`}`;
}
