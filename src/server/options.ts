import type { FieldError } from '../machinery/field-error.ts';
import { describeJson } from '../machinery/schema/decode-context.ts';
import { badRequest, invalid } from '../machinery/status-error.ts';
import type { DeleteOptions, ListOptions, WriteOptions } from '../registry/registry.ts';
import { isTrue } from './request-info.ts';

/** Options of a watch; the query parameters of the same names. */
export interface WatchOptions {
  readonly resourceVersion: string;
  readonly allowBookmarks: boolean;
  /** Undefined when not said. */
  readonly sendInitialEvents: boolean | undefined;
  /** 0 when not said. */
  readonly timeoutSeconds: number;
}

/** Reads `metav1.ListOptions` for a list or a deletecollection. Throws 400 or 422 with upstream's text. */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const match = query.get('resourceVersionMatch') ?? '';
  parseInteger(query, 'timeoutSeconds');
  const options: ListOptions = {
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    limit: parseInteger(query, 'limit'),
    continue: text(query, 'continue'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
  };
  reject('ListOptions', [...checkListMatch(options, match), ...checkListInitialEvents(query)]);
  return options;
}

function checkListMatch(options: ListOptions, match: string): readonly FieldError[] {
  if (match === '') return [];
  const field = 'resourceVersionMatch';
  const found: FieldError[] = [];
  if (!options.resourceVersion) {
    found.push(forbid(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (options.continue) found.push(forbid(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    found.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && options.resourceVersion === '0') {
    found.push(forbid(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return found;
}

function checkListInitialEvents(query: URLSearchParams): readonly FieldError[] {
  if (!query.has('sendInitialEvents')) return [];
  return [forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
}

/** Reads the watch's part of `metav1.ListOptions`. Throws 400 or 422 with upstream's text. */
export function parseWatchOptions(query: URLSearchParams): WatchOptions {
  reject('ListOptions', checkWatchMatch(query));
  const initial = query.get('sendInitialEvents');
  return {
    resourceVersion: query.get('resourceVersion') ?? '',
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    timeoutSeconds: parseInteger(query, 'timeoutSeconds') ?? 0,
  };
}

function checkWatchMatch(query: URLSearchParams): readonly FieldError[] {
  const field = 'resourceVersionMatch';
  const match = query.get(field) ?? '';
  const initial = query.has('sendInitialEvents');
  const found: FieldError[] = [];
  if (query.get('continue')) found.push(forbid(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (initial && match !== 'NotOlderThan') {
    found.push(forbid(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match === '') return found;
  if (!initial)
    found.push(forbid(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== 'NotOlderThan') found.push(notSupported(field, match, ['NotOlderThan']));
  return found;
}

/** Which options type a write is checked as. */
export type WriteOptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/** Reads the options of a create, update or patch. Throws 422 with upstream's text. */
export function parseWriteOptions(query: URLSearchParams, kind: WriteOptionsKind): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? '';
  const validation = query.get('fieldValidation') ?? '';
  const dryRun = query.getAll('dryRun');
  reject(kind, [...checkFieldManager(fieldManager), ...checkDryRun(dryRun), ...checkFieldValidation(validation)]);
  return {
    dryRun: dryRun.length > 0,
    ...(fieldManager === '' ? {} : { fieldManager }),
    fieldValidation: validation === '' ? 'Warn' : (validation as 'Ignore' | 'Warn' | 'Strict'),
  };
}

function checkDryRun(values: readonly string[]): readonly FieldError[] {
  return values.filter((value) => value !== 'All').length > 0 ? [notSupported('dryRun', values, ['All'])] : [];
}

function checkFieldManager(name: string): readonly FieldError[] {
  const field = 'fieldManager';
  if (name.length > 128) {
    return [{ type: 'FieldValueTooLong', field, message: 'Too long: may not be more than 128 bytes' }];
  }
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(name)) {
    const message = `Invalid value: ${JSON.stringify(name)}: should only contain printable characters`;
    return [{ type: 'FieldValueInvalid', field, message }];
  }
  return [];
}

function checkFieldValidation(value: string): readonly FieldError[] {
  const supported = ['', 'Ignore', 'Strict', 'Warn'];
  return supported.includes(value) ? [] : [notSupported('fieldValidation', value, supported)];
}

/** Checks what only a patch has: `force` belongs to apply, and apply needs a manager. */
export function parsePatchOptions(
  query: URLSearchParams,
  isApply: boolean,
): WriteOptions & { readonly force: boolean } {
  const force = isTrue(query.get('force'));
  const found: FieldError[] = [];
  if (!isApply && query.has('force')) found.push(forbid('force', 'may not be specified for non-apply patch'));
  if (isApply && !query.get('fieldManager')) {
    found.push({
      type: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  }
  reject('PatchOptions', found);
  return { ...parseWriteOptions(query, 'PatchOptions'), force };
}

/** `metav1.DeleteOptions` as a body may carry them. */
interface WireDeleteOptions {
  readonly dryRun?: unknown;
  readonly gracePeriodSeconds?: unknown;
  readonly propagationPolicy?: unknown;
  readonly orphanDependents?: unknown;
  readonly preconditions?: unknown;
}

/** Reads delete options from the body, or from the query where there is no body. */
export function parseDeleteOptions(query: URLSearchParams, body: object | undefined): DeleteOptions {
  const wire: WireDeleteOptions = body ?? {
    dryRun: query.getAll('dryRun'),
    gracePeriodSeconds: parseInteger(query, 'gracePeriodSeconds'),
    propagationPolicy: text(query, 'propagationPolicy'),
    orphanDependents: query.has('orphanDependents') ? isTrue(query.get('orphanDependents')) : undefined,
  };
  const dryRun = stringsOf(wire.dryRun, 'dryRun');
  const policy = stringOf(wire.propagationPolicy, 'propagationPolicy');
  reject('DeleteOptions', [...checkPropagation(policy, wire.orphanDependents), ...checkDryRun(dryRun)]);
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: integerOf(wire.gracePeriodSeconds, 'gracePeriodSeconds'),
    propagationPolicy: propagationOf(policy, wire.orphanDependents),
    preconditions: preconditionsOf(wire.preconditions),
  };
}

function checkPropagation(policy: string | undefined, orphan: unknown): readonly FieldError[] {
  const field = 'propagationPolicy';
  if (policy !== undefined && orphan !== undefined && orphan !== null) {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
    return [{ type: 'FieldValueInvalid', field, message }];
  }
  const supported = ['Foreground', 'Background', 'Orphan'];
  if (policy === undefined || supported.includes(policy)) return [];
  return [notSupported(field, policy, [...supported, 'nil'])];
}

function propagationOf(policy: string | undefined, orphan: unknown): DeleteOptions['propagationPolicy'] {
  if (policy !== undefined) return policy as DeleteOptions['propagationPolicy'];
  if (typeof orphan === 'boolean') return orphan ? 'Orphan' : 'Background';
  return undefined;
}

function preconditionsOf(value: unknown): DeleteOptions['preconditions'] {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') throw wrongType(value, 'preconditions', 'v1.Preconditions');
  const { uid, resourceVersion } = value as Record<string, unknown>;
  return {
    uid: stringOf(uid, 'preconditions.uid'),
    resourceVersion: stringOf(resourceVersion, 'preconditions.resourceVersion'),
  };
}

function stringOf(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(value, field, 'string');
  return value;
}

function stringsOf(value: unknown, field: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(value, field, '[]string');
  return value.map((item) => stringOf(item, field) ?? '');
}

function integerOf(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(value, field, 'int64');
  return value;
}

function wrongType(value: unknown, field: string, type: string): Error {
  return badRequest(
    `json: cannot unmarshal ${describeJson(value)} into Go struct field DeleteOptions.${field} of type ${type}`,
  );
}

/** An integer parameter; undefined when absent or empty. Throws 400 with Go's text. */
export function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const quoted = JSON.stringify(value);
  if (!/^[+-]?[0-9]+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  const parsed = Number(value);
  if (Math.abs(parsed) > 2 ** 63 - 1) throw badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`);
  return parsed;
}

function text(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : value;
}

function reject(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: kind, name: '' }, errors);
}

function forbid(field: string, why: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const words = supported.map((word) => JSON.stringify(word)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${words}`;
  return { type: 'FieldValueNotSupported', field, message };
}
