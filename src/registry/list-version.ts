import { badRequest, expired, StatusError, timeout } from '../machinery/status-error.ts';
import type { RegistryContext } from './context.ts';
import { type Continuation, decodeContinue, encodeContinue } from './continue-token.ts';
import type { ListOptions } from './registry.ts';

/** What a list reads: which revision (undefined: the current state), and after which key. */
export interface ListVersion {
  readonly revision: number | undefined;
  readonly start: string;
}

const CONTINUE_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

function parseRevision(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

/** 504 as `NewTooLargeResourceVersionError` has it: clients know the cause and try again. */
function tooLarge(revision: number, current: number): StatusError {
  const { status } = timeout(`Too large resource version: ${revision}, current: ${current}`);
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError({ ...status, details: { ...status.details, causes } });
}

/** 410 for an exact version that was compacted away. */
export function listTooOld(): StatusError {
  return expired('The resourceVersion for the provided list is too old.');
}

/** 410 that carries a token with which the list can go on, inconsistently. */
export function continueTooOld(start: string): StatusError {
  const { status } = expired(CONTINUE_TOO_OLD);
  return new StatusError({ ...status, metadata: { continue: encodeContinue({ rv: -1, start }) } });
}

function fromToken(options: ListOptions): ListVersion {
  if (options.resourceVersionMatch) {
    throw badRequest('resourceVersionMatch is forbidden for continue');
  }
  if (options.resourceVersion && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { rv, start }: Continuation = decodeContinue(options.continue ?? '');
  return { revision: rv < 0 ? undefined : rv, start };
}

/** Which version a list is about: "Resource Versions" in the API concepts. Throws StatusError. */
export function listVersion(context: RegistryContext, options: ListOptions): ListVersion {
  if (options.continue) return fromToken(options);
  const match = options.resourceVersionMatch ?? '';
  if (!options.resourceVersion) {
    if (match === '') return { revision: undefined, start: '' };
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  const revision = parseRevision(options.resourceVersion);
  if (revision > context.store.revision) throw tooLarge(revision, context.store.revision);
  const exact = match === 'Exact' || (match === '' && revision > 0 && (options.limit ?? 0) > 0);
  if (!exact) return { revision: undefined, start: '' };
  if (revision === 0) throw badRequest('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  return { revision, start: '' };
}
