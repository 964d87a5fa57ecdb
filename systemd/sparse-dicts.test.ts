import DBusBuffer from 'dbus-native/lib/dbus-buffer.js';
import marshall from 'dbus-native/lib/marshall.js';
import parseSignature from 'dbus-native/lib/signature.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSparsely } from './sparse-dicts.ts';

class SparseBuffer extends DBusBuffer {}
readSparsely(SparseBuffer.prototype, new Set(['LoadState', 'MainPID', 'InvocationID']), parseSignature);

const text = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
const variant = fc.oneof(
  fc.tuple(fc.constant('s'), text),
  fc.tuple(fc.constant('b'), fc.boolean()),
  fc.tuple(fc.constant('y'), fc.nat(255)),
  fc.tuple(fc.constant('q'), fc.nat(65_535)),
  fc.tuple(fc.constant('u'), fc.nat()),
  fc.tuple(fc.constant('t'), fc.nat()),
  fc.tuple(fc.constant('d'), fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.tuple(fc.constant('g'), fc.constant('a{sv}')),
  fc.tuple(fc.constant('as'), fc.array(text, { maxLength: 3 })),
  fc.tuple(fc.constant('at'), fc.array(fc.nat(), { maxLength: 3 })),
  fc.tuple(fc.constant('(uso)'), fc.tuple(fc.nat(), text, fc.constant('/a'))),
  fc.tuple(fc.constant('a(sasbt)'), fc.array(fc.tuple(text, fc.array(text), fc.boolean(), fc.nat()), { maxLength: 3 })),
  fc.tuple(fc.constant('v'), fc.tuple(fc.constant('s'), text)),
);
const name = fc.constantFrom('LoadState', 'MainPID', 'InvocationID', 'ExecStart', 'Id', 'Names');

it('reads what is wanted of any dictionary as if all were read, and everything around it', () => {
  const body = fc.record({
    before: text,
    entries: fc.uniqueArray(fc.tuple(name, variant), { selector: ([key]) => key }),
  });
  fc.assert(
    fc.property(body, text, ({ before, entries }, after) => {
      const signature = 'sa{sv}as';
      const bytes = marshall(signature, [before, entries, [after]]);
      const options = { plainValues: true };
      const [first, dict, last] = new DBusBuffer(bytes, undefined, options).read(signature);
      const wanted = Object.entries(dict as object).filter(([key]) => !['ExecStart', 'Id', 'Names'].includes(key));
      const sparse = new SparseBuffer(bytes, undefined, options).read(signature);
      expect(sparse).toEqual([first, Object.fromEntries(wanted), last]);
    }),
  );
});
