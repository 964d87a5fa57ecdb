import { createHash } from 'node:crypto';
import { answerJson, type Call, type TextAnswer } from './call.ts';

/** Hash of a document, as entity tags and OpenAPI's index carry it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').toUpperCase();
}

/** Answers with a document and its entity tag, or with 304 when the client has it already. */
export function answerTagged(
  call: Call,
  body: string,
  options: { hash?: string; contentType?: string } = {},
): TextAnswer {
  const tag = `"${options.hash ?? hashOf(body)}"`;
  const headers = { etag: tag, vary: 'Accept' };
  if (call.headers['if-none-match'] === tag) return { ...answerJson('', 304), body: '', headers };
  return { ...answerJson(body), contentType: options.contentType ?? 'application/json', headers };
}
