/** A body that isn't valid protobuf. Never leaves this folder. */
export class WireError extends Error {}

/** What follows a field's number: a varint, eight bytes, bytes with a length, or four bytes. */
export type WireType = 0 | 1 | 2 | 5;

/** A field's number and how its value is written. */
export interface Tag {
  readonly id: number;
  readonly wire: WireType;
}

/** Reads the protobuf wire format (Protocol Buffers' "Encoding"). Every method throws WireError past the end. */
export interface WireReader {
  readonly done: boolean;
  tag(): Tag;
  /** A number of up to 64 bits, with its sign. */
  varint(): number;
  bytes(): Uint8Array;
  double(): number;
  skip(wire: WireType): void;
}

function isWireType(wire: number): wire is WireType {
  return wire === 0 || wire === 1 || wire === 2 || wire === 5;
}

/** Numbers beyond what a double holds exactly, and all negative ones. */
function readLong(bytes: Uint8Array): number {
  const value = bytes.reduceRight((bits, byte) => (bits << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, value));
}

/** Makes a reader over a message. */
export function createWireReader(buffer: Uint8Array): WireReader {
  let offset = 0;
  const take = (length: number): Uint8Array => {
    if (length > buffer.length - offset) throw new WireError('unexpected EOF');
    offset += length;
    return buffer.subarray(offset - length, offset);
  };
  const varint = (): number => {
    const start = offset;
    let value = 0;
    for (let scale = 1; offset - start < 10; scale *= 128) {
      const byte = buffer[offset++];
      if (byte === undefined) throw new WireError('unexpected EOF');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return offset - start < 8 ? value : readLong(buffer.subarray(start, offset));
    }
    throw new WireError('proto: integer overflow');
  };
  const bytes = (): Uint8Array => {
    const length = varint();
    if (length < 0) throw new WireError('proto: negative length found during unmarshaling');
    return take(length);
  };
  const double = (): number => {
    const part = take(8);
    return new DataView(part.buffer, part.byteOffset, 8).getFloat64(0, true);
  };
  return {
    get done() {
      return offset >= buffer.length;
    },
    tag: () => {
      const tag = varint();
      const [id, wire] = [Math.floor(tag / 8), tag & 7];
      if (id <= 0 || !isWireType(wire)) throw new WireError(`proto: illegal tag ${id} (wire type ${wire})`);
      return { id, wire };
    },
    varint,
    bytes,
    double,
    skip: (wire) => {
      if (wire === 0) varint();
      else if (wire === 2) bytes();
      else take(wire === 1 ? 8 : 4);
    },
  };
}
