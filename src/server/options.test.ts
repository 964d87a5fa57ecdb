import { expect, test } from 'vitest';
import { StatusError } from '../machinery/status-error.ts';
import {
  parseDeleteOptions,
  parseListOptions,
  parsePatchOptions,
  parseWatchOptions,
  parseWriteOptions,
} from './options.ts';

function refusal(parse: () => unknown): string {
  try {
    parse();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.status.code} ${error.message}`;
  }
}

const query = (text: string) => new URLSearchParams(text);

test('list options that contradict each other are refused with the field', () => {
  expect([
    refusal(() => parseListOptions(query('limit=x'))),
    refusal(() => parseListOptions(query('resourceVersionMatch=Exact'))),
    refusal(() => parseListOptions(query('sendInitialEvents=true'))),
    refusal(() => parseWatchOptions(query('sendInitialEvents=true'))),
    refusal(() => parseListOptions(query('limit=5&continue=abc'))),
  ]).toEqual([
    '400 strconv.ParseInt: parsing "x": invalid syntax',
    '422 ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    '422 ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    '422 ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    'accepted',
  ]);
});

test('write options are checked by their own rules', () => {
  expect([
    refusal(() => parseWriteOptions(query('dryRun=x'), 'CreateOptions')),
    refusal(() => parseWriteOptions(query('fieldValidation=x'), 'UpdateOptions')),
    refusal(() => parseWriteOptions(query('fieldManager=%0a'), 'CreateOptions')),
    refusal(() => parsePatchOptions(query('force=true'), false)),
    refusal(() => parsePatchOptions(query(''), true)),
  ]).toEqual([
    '422 CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
    '422 UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"',
    '422 CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "\\n": should only contain printable characters',
    '422 PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    '422 PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ]);
});

test('delete options come from the body, or from the query without one', () => {
  const body = { gracePeriodSeconds: 0, propagationPolicy: 'Orphan', preconditions: { uid: 'u' }, dryRun: ['All'] };
  expect(parseDeleteOptions(query('gracePeriodSeconds=9'), body)).toEqual({
    gracePeriodSeconds: 0,
    propagationPolicy: 'Orphan',
    preconditions: { uid: 'u', resourceVersion: undefined },
    dryRun: true,
  });
  expect(parseDeleteOptions(query('gracePeriodSeconds=9&orphanDependents=false'), undefined)).toMatchObject({
    gracePeriodSeconds: 9,
    propagationPolicy: 'Background',
    dryRun: false,
  });
  expect(refusal(() => parseDeleteOptions(query(''), { gracePeriodSeconds: 'x' }))).toMatch(/^400 /);
  expect(refusal(() => parseDeleteOptions(query('propagationPolicy=x'), undefined))).toMatch(/^422 /);
});
