import { forbiddenRequest } from '../../auth/authorize.ts';
import type { Answer, Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { parseWriteOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { managerOf, writerOf } from './selection.ts';

/** PUT of an object, or of a subresource that has the parent's own type. */
export async function handleUpdate(services: Services, target: Target, call: Call): Promise<Answer> {
  const { registry } = services;
  const { kind, key, subresource } = target;
  const options = parseWriteOptions(call.query, 'UpdateOptions');
  const decoded = await decodeObject(call.body, call.headers['content-type'], kind.kind);
  const outcome = await registry.update(kind, key, decoded.object, {
    ...options,
    duplicates: decoded.duplicates,
    mayCreate: () => requireCreate(services, call),
    ...writerOf(call.user),
    fieldManager: managerOf(options.fieldManager, call.headers['user-agent']),
    ...(subresource === '' ? {} : { subresource }),
  });
  return answerObject(call, kind, outcome.entry, {
    status: outcome.created ? 201 : 200,
    warnings: outcome.warnings,
  });
}

/** Throws 403 where the writer may update, but not create. */
function requireCreate({ authorize }: Services, { user, path, info: { resource } }: Call): void {
  const attributes = { user, verb: 'create', resource, path };
  const decision = authorize(attributes);
  if (!decision.allowed) throw forbiddenRequest(attributes, decision.reason);
}
