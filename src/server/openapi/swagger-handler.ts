import type { KindDefinition } from '../../kinds/definition.ts';
import { notAcceptable } from '../../machinery/status-error.ts';
import type { Registry } from '../../registry/registry.ts';
import { parseAccept } from '../accept.ts';
import type { Answer, Call, Handler } from '../call.ts';
import { answerTagged } from '../etag.ts';
import { SERVER_VERSION } from '../version.ts';
import type { DescriptionSource } from './descriptions.ts';
import { buildDocument } from './document.ts';
import { fingerprint, schemasOf } from './handler.ts';

const BINARY = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const BINARY_ANSWER = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * Answers `/openapi/v2`: one Swagger document of everything. Few clients still ask for it, so that nothing of it is
 * kept but its tag.
 */
export function makeSwaggerHandler(registry: Registry, descriptions: DescriptionSource): Handler {
  let tagged: Tagged | undefined;
  return (call) => {
    const { catalogue } = registry;
    if (tagged?.catalogue !== catalogue) tagged = { catalogue, hash: fingerprint(catalogue, descriptions.version) };
    return answerSwagger(call, tagged, descriptions);
  };
}

interface Tagged {
  readonly catalogue: readonly KindDefinition[];
  readonly hash: string;
}

async function answerSwagger(call: Call, { catalogue, hash }: Tagged, source: DescriptionSource): Promise<Answer> {
  const contentType = contentTypeOf(call.headers.accept);
  if (call.headers['if-none-match'] === `"${hash}"`) return answerTagged(call, '', { hash });
  const { swaggerOf } = await import('./swagger.ts');
  const parts = { schemas: schemasOf(catalogue), descriptions: await source.read(), version: SERVER_VERSION };
  const swagger = swaggerOf(buildDocument(catalogue, parts));
  if (contentType !== BINARY_ANSWER) return answerTagged(call, JSON.stringify(swagger), { hash });
  const { encodeSwagger } = await import('./swagger-protobuf.ts');
  const headers = { etag: `"${hash}"`, vary: 'Accept' };
  return { kind: 'stream', contentType, headers, chunks: one(encodeSwagger(swagger)) };
}

async function* one(chunk: Uint8Array): AsyncIterable<Uint8Array> {
  yield chunk;
}

function contentTypeOf(accept: string | undefined): string {
  for (const { type } of parseAccept(accept)) {
    if (type === BINARY || type === BINARY_ANSWER) return BINARY_ANSWER;
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'application/json';
  }
  throw notAcceptable(`only the following media types are accepted: application/json, ${BINARY}`);
}
