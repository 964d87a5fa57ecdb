/** Output of a process without a terminal, told apart: 1 is stdout, 2 is stderr. */
export interface OutputChunk {
  readonly channel: 1 | 2;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 8;

/**
 * Takes apart Docker's multiplexed output (which libpod speaks too): each frame has a header of 8 bytes, the first
 * naming the stream and the last four the length, big-endian. Data is passed on as it comes, without waiting for
 * a whole frame. A stream that ends inside a frame just ends.
 */
export async function* demultiplex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk> {
  let header = new Uint8Array();
  let channel: 1 | 2 = 1;
  let remaining = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      if (remaining > 0) {
        const data = rest.subarray(0, remaining);
        remaining -= data.length;
        rest = rest.subarray(data.length);
        yield { channel, data };
        continue;
      }
      const missing = HEADER_BYTES - header.length;
      header = joined(header, rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (header.length < HEADER_BYTES) continue;
      channel = header[0] === 2 ? 2 : 1;
      remaining = new DataView(header.buffer).getUint32(4);
      header = new Uint8Array();
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(first.length + second.length);
  result.set(first);
  result.set(second, first.length);
  return result;
}
