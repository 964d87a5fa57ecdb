/** What of dbus-native's inner parts sparse-dicts.ts works on; the package has types of its outer ones only. */
declare module 'dbus-native/lib/dbus-buffer.js' {
  class DBusBuffer {
    constructor(buffer: Buffer, startPos: number | undefined, options: { plainValues: boolean }, endianness?: number);
    pos: number;
    align(power: number): void;
    read(signature: string): unknown[];
    readArray(element: DBusBuffer.SignatureNode, size: number): unknown;
    readInt32(): number;
    readSimpleType(type: string): unknown;
    readVariant(): unknown;
  }
  namespace DBusBuffer {
    /** A part of a signature: `s`, or `a` with its element as only child. */
    interface SignatureNode {
      readonly type: string;
      readonly child: readonly SignatureNode[];
    }
  }
  export = DBusBuffer;
}

declare module 'dbus-native/lib/signature.js' {
  import type { SignatureNode } from 'dbus-native/lib/dbus-buffer.js';

  function parseSignature(signature: string): readonly SignatureNode[];
  export = parseSignature;
}

declare module 'dbus-native/lib/marshall.js' {
  function marshall(signature: string, values: readonly unknown[]): Buffer;
  export = marshall;
}
