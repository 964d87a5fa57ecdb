import type { ServiceLookup } from '../../kinds/resolve-service.ts';
import type { WebhookClientConfig } from '../../kinds/webhook-client-config.ts';
import { goQuote } from '../../machinery/go-format.ts';
import { describeClient, resolveClient } from './resolve-client.ts';
import type { WebhookTransport } from './transport.ts';

/** What calling webhooks needs. */
export interface WebhookServices extends ServiceLookup {
  readonly transport: WebhookTransport;
  readonly uuid: () => string;
}

/** What a Status in an error's body says; otherwise what client-go makes of the code. */
function sentenceOf(status: number, body: string): string {
  const parsed = parseObject(body);
  if (typeof parsed?.['message'] === 'string' && parsed['kind'] === 'Status') return parsed['message'];
  if (status === 404) return 'the server could not find the requested resource';
  if (status === 403) return 'forbidden';
  if (status === 503) return 'the server is currently unable to handle the request';
  const shown = body.trim() === '' ? 'unknown' : body.trim().slice(0, 512);
  return `an error on the server (${goQuote(shown)}) has prevented the request from succeeding`;
}

function parseObject(body: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}

/** Posts a document to a webhook and reads the answer. Rejects with an Error whose message is upstream's. */
export async function callWebhook(
  services: WebhookServices,
  config: WebhookClientConfig,
  { document, timeoutSeconds }: { readonly document: object; readonly timeoutSeconds: number },
): Promise<{ readonly [name: string]: unknown }> {
  const url = `${describeClient(config)}?timeout=${timeoutSeconds}s`;
  const prefix = `Post ${goQuote(url)}: `;
  let reply: { readonly status: number; readonly body: string };
  try {
    const target = resolveClient(config, services);
    reply = await services.transport({ target, body: JSON.stringify(document), timeoutSeconds });
  } catch (cause) {
    throw new Error(prefix + (cause instanceof Error ? cause.message : String(cause)), { cause });
  }
  const { status, body } = reply;
  if (status < 200 || status > 206) throw new Error(sentenceOf(status, body));
  const answer = parseObject(body);
  if (answer !== undefined) return answer;
  throw new Error(`couldn't get version/kind; json parse error: invalid answer`);
}
