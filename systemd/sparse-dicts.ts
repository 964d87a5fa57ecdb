import type DBusBuffer from 'dbus-native/lib/dbus-buffer.js';
import type { SignatureNode } from 'dbus-native/lib/dbus-buffer.js';

type Parse = (signature: string) => readonly SignatureNode[];

/** Bytes of a simple type, and the power of two that it is aligned to. */
const FIXED: Readonly<Record<string, readonly [size: number, power: number]>> = {
  y: [1, 0],
  n: [2, 1],
  q: [2, 1],
  b: [4, 2],
  i: [4, 2],
  u: [4, 2],
  h: [4, 2],
  x: [8, 3],
  t: [8, 3],
  d: [8, 3],
};

/** Elements that begin at a multiple of eight. */
const WIDE = new Set(['x', 't', 'd', '(', '{', 'r']);

/**
 * From now on messages are read without the values of those dictionaries' (`a{sv}`) entries that aren't among `keys`: systemd
 * tells 270 properties of a unit where 15 are needed, and to build the rest was a fifth of what the server computed while
 * pods start. Everything else is read as before.
 */
export function readSparsely(prototype: DBusBuffer, keys: ReadonlySet<string>, parse: Parse): void {
  const whole = prototype.readArray;
  prototype.readArray = function readArray(this: DBusBuffer, element: SignatureNode, size: number): unknown {
    const [key, value] = element.child;
    if (element.type !== '{' || key?.type !== 's' || value?.type !== 'v') return whole.call(this, element, size);
    this.align(3);
    const end = this.pos + size;
    const entries: Record<string, unknown> = {};
    while (this.pos < end) {
      this.align(3);
      const name = String(this.readSimpleType('s'));
      if (keys.has(name)) entries[name] = this.readVariant();
      else skipVariant(this, parse);
    }
    return entries;
  };
}

function skipVariant(buffer: DBusBuffer, parse: Parse): void {
  for (const node of parse(String(buffer.readSimpleType('g')))) skip(buffer, node, parse);
}

/** Moves past one value (D-Bus specification, "Marshaling"). A declared length beyond the message ends in the next read's error. */
function skip(buffer: DBusBuffer, { type, child }: SignatureNode, parse: Parse): void {
  const fixed = FIXED[type];
  if (fixed !== undefined) {
    buffer.align(fixed[1]);
    buffer.pos += fixed[0];
  } else if (type === 'a') {
    const size = buffer.readInt32();
    if (WIDE.has(child[0]?.type ?? '')) buffer.align(3);
    buffer.pos += size;
  } else if (type === '(' || type === '{' || type === 'r') {
    buffer.align(3);
    for (const node of child) skip(buffer, node, parse);
  } else if (type === 'v') {
    skipVariant(buffer, parse);
  } else {
    const length = type === 'g' ? Number(buffer.readSimpleType('y')) : buffer.readInt32();
    buffer.pos += length + 1;
  }
}
