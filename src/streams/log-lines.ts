import type { JournalEntry } from '../../systemd/journal.ts';

/** How lines are written. */
export interface LineOptions {
  readonly timestamps: boolean;
  readonly limitBytes: number | undefined;
}

/** A line in pieces never holds more than this back. */
const MAX_PENDING_BYTES = 1024 * 1024;
const NEWLINE = new Uint8Array([0x0a]);

/**
 * Journal entries as a container's log: one line per entry, long lines joined from the pieces that the log
 * driver made of them (`CONTAINER_PARTIAL_MESSAGE`), stdout and stderr kept apart while they are pieces.
 */
export async function* logLines(
  entries: AsyncIterable<JournalEntry>,
  options: LineOptions,
): AsyncGenerator<Uint8Array> {
  const pending = new Map<string, Uint8Array[]>();
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const entry of entries) {
    const stream = entry.fields['PRIORITY'] ?? '';
    const pieces = pending.get(stream) ?? (options.timestamps ? [timestamp(entry.realtime)] : []);
    pieces.push(withoutNewline(entry.message));
    if (isPartial(entry) && sizeOf(pieces) < MAX_PENDING_BYTES) {
      pending.set(stream, pieces);
      continue;
    }
    pending.delete(stream);
    const line = Buffer.concat(isPartial(entry) ? pieces : [...pieces, NEWLINE]);
    yield line.subarray(0, Math.min(line.length, left));
    left -= line.length;
    if (left <= 0) return;
  }
  for (const pieces of pending.values()) yield Buffer.concat(pieces).subarray(0, left);
}

/** conmon hands journald the line with its newline. */
function withoutNewline(message: Uint8Array): Uint8Array {
  return message.at(-1) === NEWLINE[0] ? message.subarray(0, -1) : message;
}

/** Whether the entry is a piece of a line that goes on in the next one. */
export function isPartial(entry: JournalEntry): boolean {
  return entry.fields['CONTAINER_PARTIAL_MESSAGE'] === 'true';
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** RFC 3339 with nine digits and a space, as the kubelet prefixes lines. */
function timestamp(microseconds: number): Uint8Array {
  const seconds = new Date(Math.floor(microseconds / 1e6) * 1000).toISOString().slice(0, 19);
  const fraction = String(Math.floor(microseconds % 1e6)).padStart(6, '0');
  return new TextEncoder().encode(`${seconds}.${fraction}000Z `);
}
