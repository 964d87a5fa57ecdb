import { expect, test } from 'vitest';
import {
  duplicate,
  forbiddenField,
  invalidValue,
  notFoundField,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-path.ts';
import { invalid } from './status-error.ts';

test('field errors read as upstream prints them', () => {
  const messages = [
    required('a', ''),
    required('a', 'name or generateName is required'),
    invalidValue('a', 'x\n"', 'must be y'),
    invalidValue('a', -1, 'must be greater than or equal to 0'),
    invalidValue('a', { b: '<' }, 'bad'),
    invalidValue('a', undefined, 'bad'),
    notSupported('a', 'x', ['A', 'B']),
    forbiddenField('a', 'no'),
    duplicate('a', 'x'),
    tooLong('a', 63),
    tooMany('a', 3, 1),
    notFoundField('a', 'x'),
    typeInvalid('a', 'x', 'must be integer'),
  ].map((e) => e.message);
  expect(messages).toEqual([
    'Required value',
    'Required value: name or generateName is required',
    'Invalid value: "x\\n\\"": must be y',
    'Invalid value: -1: must be greater than or equal to 0',
    'Invalid value: {"b":"\\u003c"}: bad',
    'Invalid value: null: bad',
    'Unsupported value: "x": supported values: "A", "B"',
    'Forbidden: no',
    'Duplicate value: "x"',
    'Too long: may not be more than 63 bytes',
    'Too many: 3: must have at most 1 item',
    'Not found: "x"',
    'Invalid value: "x": must be integer',
  ]);
});

test('an Invalid status aggregates its causes and says each sentence once', () => {
  const one = invalidValue('spec.replicas', -1, 'must be greater than or equal to 0');
  const subject = { group: 'apps', resource: 'Deployment', name: 'x' };
  expect([invalid(subject, [one, one]).message, invalid(subject, [one, required('spec.selector')]).message]).toEqual([
    'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'Deployment.apps "x" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.selector: Required value]',
  ]);
});
