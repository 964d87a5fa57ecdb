import { callWebhook, type WebhookServices } from '../admission/webhooks/call-webhook.ts';
import type { CustomStorage, KindDefinition } from '../kinds/definition.ts';
import { goQuote } from '../machinery/go-format.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { ConvertObjects } from './versioned-store.ts';

type Fields = { readonly [name: string]: unknown };
type Webhook = NonNullable<CustomStorage['webhook']>;

/** Seconds that a conversion webhook has. */
const TIMEOUT = 30;
const VERSIONS = ['v1', 'v1beta1'];

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function gvk(apiVersion: unknown, kind: unknown): string {
  const text = String(apiVersion ?? '');
  return `${text.includes('/') ? text : `/${text}`}, Kind=${kind ?? ''}`;
}

function failure(message: string): StatusError {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...body, message, code: 500 });
}

interface Review {
  readonly apiVersion: string;
  readonly uid: string;
}

/** The converted objects of an answer. Throws an Error with upstream's sentence. */
function objectsOf(answer: Fields, { apiVersion, uid }: Review): readonly unknown[] {
  const { response } = answer;
  const strict = apiVersion === 'apiextensions.k8s.io/v1';
  const [expected, found] = [gvk(apiVersion, 'ConversionReview'), gvk(answer['apiVersion'], answer['kind'])];
  if (strict && expected !== found) throw new Error(`expected webhook response of ${expected}, got ${found}`);
  if (!isFields(response)) throw new Error('no response provided');
  const { uid: given = '', result, convertedObjects } = response;
  if (strict && given !== uid) throw new Error(`expected response.uid=${goQuote(uid)}, got ${goQuote(String(given))}`);
  const { status = '', message } = isFields(result) ? result : {};
  if (status !== 'Success') {
    throw new Error(message ? String(message) : `response.result.status was '${status}', not 'Success'`);
  }
  return Array.isArray(convertedObjects) ? convertedObjects : [];
}

const KEPT = ['name', 'namespace', 'uid'] as const;

/** What is wrong with a converted object: it has to be the same one, in the version that was asked for. */
function faultOf(before: KubernetesObject, after: unknown, apiVersion: string): string | undefined {
  if (!isFields(after)) return 'not an object';
  if (after['apiVersion'] !== apiVersion) {
    return `invalid groupVersion (expected ${apiVersion}, received ${after['apiVersion']})`;
  }
  if (after['kind'] !== before.kind) return `invalid kind (expected ${before.kind}, received ${after['kind']})`;
  const { metadata } = after as KubernetesObject;
  if (!isFields(metadata)) return 'missing metadata in converted object';
  const changed = KEPT.find((field) => (before.metadata?.[field] ?? '') !== (metadata[field] ?? ''));
  if (changed === undefined) return undefined;
  const name = changed === 'uid' ? 'UID' : changed;
  return `must have the same ${name}: ${before.metadata?.[changed] ?? ''} != ${metadata[changed] ?? ''}`;
}

/** A converted object may have other labels and annotations; the rest of its metadata is what it was. */
function restored(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  const { labels: _, annotations: __, ...kept } = before.metadata ?? {};
  const { labels, annotations } = after.metadata ?? {};
  const metadata = { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  const { apiVersion, kind, metadata: ___, ...rest } = after;
  return { apiVersion, kind, metadata, ...rest } as KubernetesObject;
}

function reviewOf(objects: readonly KubernetesObject[], desiredAPIVersion: string, review: Review): object {
  const request = { uid: review.uid, desiredAPIVersion, objects };
  return { kind: 'ConversionReview', apiVersion: review.apiVersion, request };
}

async function ask(
  services: WebhookServices,
  { clientConfig, reviewVersions }: Webhook,
  { objects, apiVersion }: { readonly objects: readonly KubernetesObject[]; readonly apiVersion: string },
): Promise<readonly unknown[]> {
  const version = reviewVersions.find((each) => VERSIONS.includes(each));
  if (version === undefined) throw new Error('no supported conversion review versions');
  const review = { apiVersion: `apiextensions.k8s.io/${version}`, uid: services.uuid() };
  const document = reviewOf(objects, apiVersion, review);
  const answer = await callWebhook(services, clientConfig, { document, timeoutSeconds: TIMEOUT });
  return objectsOf(answer, review);
}

/** Converts through a definition's webhook. */
export function convertByWebhook(services: WebhookServices, kind: KindDefinition, webhook: Webhook): ConvertObjects {
  return async (objects, apiVersion) => {
    const which = `conversion webhook for ${gvk(objects[0]?.apiVersion, kind.kind)}`;
    let converted: readonly unknown[];
    try {
      converted = await ask(services, webhook, { objects, apiVersion });
    } catch (error) {
      throw failure(`${which} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (converted.length !== objects.length) {
      throw failure(`${which} returned ${converted.length} objects, expected ${objects.length}`);
    }
    return objects.map((before, at) => {
      const fault = faultOf(before, converted[at], apiVersion);
      if (fault !== undefined) throw failure(`${which} returned invalid converted object at index ${at}: ${fault}`);
      return restored(before, converted[at] as KubernetesObject);
    });
  };
}
