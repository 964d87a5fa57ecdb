import { expect, test } from 'vitest';
import { compileCel } from './compile.ts';
import { declaredSizes } from './declared-sizes.ts';
import { schemaType } from './schema-values.ts';
import { DYN } from './types.ts';

const text = { type: 'string' };
const list = (items: object, maxItems?: number) => ({ type: 'array', items, ...(maxItems ? { maxItems } : {}) });
const map = (values: object, maxProperties?: number) => ({
  type: 'object',
  additionalProperties: values,
  ...(maxProperties ? { maxProperties } : {}),
});

/** The estimate that kube-apiserver makes for a rule over a schema. */
test.each([
  ['self.all(x, true)', list({ type: 'number' }), 4_718_591],
  ['self.all(x, true)', list({ type: 'number' }, 10), 32],
  ['self.all(x, x == 0.0)', list({ type: 'number' }), 6_291_454],
  ['self.all(x, true)', map({ type: 'number' }), 1_348_169],
  ["self.contains('test')", text, 314_574],
  ["self.contains('test')", { ...text, maxLength: 10 }, 5],
  ["''.matches('(((((((((())))))))))[0-9]')", text, 7],
  ["self + 'x' == 'y'", { ...text, maxLength: 10 }, 7],
  ['self.map(x, x + x).size() < 3', list({ ...text, maxLength: 10 }, 5), 124],
])('%s', (rule, schema, cost) => {
  const compiled = compileCel(rule, new Map([['self', schemaType(schema) ?? DYN]]));
  expect(compiled.ok && compiled.program.estimate(declaredSizes(schema))).toBe(cost);
});
