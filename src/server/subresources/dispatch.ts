import { findSchema } from '../../kinds/schema.ts';
import { decodeWithSchema } from '../../machinery/schema/decode.ts';
import { badRequest } from '../../machinery/status-error.ts';
import { type Answer, answerJson, type Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { unknownPath, wrongMethod } from '../errors.ts';
import { subresourceSchema } from '../openapi/document.ts';
import { parseWriteOptions } from '../options.ts';
import type { Services, SubresourceHandler, Target } from '../services.ts';
import { handleGet } from '../verbs/get.ts';
import { handlePatch } from '../verbs/patch.ts';
import { writerOf } from '../verbs/selection.ts';
import { handleUpdate } from '../verbs/update.ts';
import { handleExec } from './exec.ts';
import { handleLog } from './log.ts';
import { handlePortForward } from './port-forward.ts';
import { handleProxy } from './proxy.ts';
import { handleScale } from './scale.ts';

type Handle = (services: Services, target: Target, call: Call) => Answer | Promise<Answer>;

/** Subresources that every kind that has them means in the same way. */
const KNOWN: { readonly [name: string]: Handle } = {
  scale: handleScale,
  log: handleLog,
  exec: handleExec,
  attach: handleExec,
  portforward: handlePortForward,
};

/** Subresources of the parent's own type are the parent's verbs, written through another door. */
const OWN_TYPE: { readonly [verb: string]: Handle } = { get: handleGet, update: handleUpdate, patch: handlePatch };

/** Answers a request about a subresource. Throws 404 or 405 when the kind doesn't have it. */
export function handleSubresource(services: Services, target: Target, call: Call): Answer | Promise<Answer> {
  const { kind, subresource } = target;
  const { verb } = call.info;
  const definition = kind.subresources.find(({ name }) => name === subresource);
  if (definition === undefined || target.key.name === '') throw unknownPath();
  if (subresource === 'proxy') return handleProxy(services, target, call);
  if (!definition.verbs.includes(verb)) throw wrongMethod();
  const injected = injectedHandler(services, target);
  if (injected !== undefined && (verb === 'create' || verb === 'update')) {
    return callInjected(injected, target, call);
  }
  const handle = Object.hasOwn(KNOWN, subresource) ? KNOWN[subresource] : OWN_TYPE[verb];
  if (handle === undefined) throw unknownPath();
  return handle(services, target, call);
}

function injectedHandler({ subresources }: Services, { kind, subresource }: Target): SubresourceHandler | undefined {
  const names = [`${kind.plural}/${subresource}`, subresource];
  const name = names.find((candidate) => Object.hasOwn(subresources, candidate));
  return name === undefined ? undefined : subresources[name];
}

/** One value: the decoder keeps what it has compiled by it. */
const SCHEMA = { lookup: findSchema };

async function callInjected(handler: SubresourceHandler, target: Target, call: Call): Promise<Answer> {
  const { kind, key, subresource } = target;
  const definition = kind.subresources.find(({ name }) => name === subresource);
  const creating = call.info.verb === 'create';
  const options = {
    ...parseWriteOptions(call.query, creating ? 'CreateOptions' : 'UpdateOptions'),
    ...writerOf(call.user),
  };
  const type = definition?.kind ?? kind;
  const { object } = await decodeObject(call.body, call.headers['content-type'], type.kind);
  const body = typedBody(object, type, (definition && subresourceSchema(definition)) ?? kind.schema);
  const result = await handler({ kind, key, body, options, user: call.user });
  return { ...answerJson(JSON.stringify(result.object), creating ? 201 : 200), warnings: result.warnings };
}

/** The body in its type's shape: no nulls, nothing unknown. Throws 400 for what doesn't fit. */
function typedBody(body: object, type: { readonly kind: string; readonly version: string }, schema: string): object {
  if (findSchema(schema) === undefined) return body;
  const { object, errors } = decodeWithSchema(body, schema, SCHEMA);
  if (errors.length === 0) return object as object;
  throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${errors[0]}`);
}
