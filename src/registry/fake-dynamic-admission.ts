import { createAdmissionPlugins } from '../admission/plugins.ts';
import type { WebhookPost, WebhookTransport } from '../admission/webhooks/transport.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { type Status, StatusError } from '../machinery/status-error.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

/** A registry with policies and webhooks, whose webhooks are a function of the test's. */
export interface FakeAdmission {
  readonly registry: FakeRegistry;
  readonly kind: (resource: string) => KindDefinition;
  /** Creates an object in `shop`. */
  readonly create: (resource: string, object: object, options?: object) => Promise<KubernetesObject>;
  /** What webhooks were asked. */
  readonly posts: WebhookPost[];
  /** What was noted for those who audit. */
  readonly notes: Map<string, string>;
}

/** Makes one; `answer` gives the `response` of an AdmissionReview, or throws. */
export async function fakeAdmission(
  answer: (request: { readonly [name: string]: unknown }, post: WebhookPost) => object = () => ({ allowed: true }),
): Promise<FakeAdmission> {
  const posts: WebhookPost[] = [];
  const notes = new Map<string, string>();
  const transport: WebhookTransport = async (post) => {
    posts.push(post);
    const review = JSON.parse(post.body) as { apiVersion: string; kind: string; request: { uid: string } };
    const response = { uid: review.request.uid, ...answer(review.request, post) };
    return { status: 200, body: JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response }) };
  };
  const dynamic = {
    definitions: () => catalogue,
    authorizerOver:
      () =>
      ({ user }: { readonly user: { readonly name: string } }) => ({
        allowed: user.name === 'root',
        reason: '',
      }),
    transport,
    uuid: () => `review-${posts.length}`,
    random: () => 0,
  };
  const nodePorts = { first: 30_000, last: 32_767 };
  const admission = createAdmissionPlugins({ serviceCidrs: ['10.43.0.0/16'], nodePorts, random: () => 0, dynamic });
  const registry = createFakeRegistry(catalogue, { admission, audit: (key, value) => notes.set(key, value) });
  const kind = (resource: string): KindDefinition => {
    const [group = '', plural = ''] = resource.split('/');
    const found = registry.definition(group, plural);
    if (found === undefined) throw new Error(resource);
    return found;
  };
  const create = async (resource: string, object: object, options: object = {}): Promise<KubernetesObject> =>
    (await registry.create(kind(resource), object, { namespace: 'shop', ...options })).entry.object;
  await registry.create(kind('/namespaces'), { metadata: { name: 'shop', labels: { team: 'a' } } });
  return { registry, kind, create, posts, notes };
}

/** The Status with which a write is refused. */
export async function refusalOf(work: Promise<unknown>): Promise<Status> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('it was let through');
}
