import type { JournalEntry } from './journal.ts';

type JsonField = string | readonly number[] | readonly (string | readonly number[])[] | null;

/**
 * One line of `journalctl -o json` as an entry (systemd.journal-fields(7)). A field is a string, an array of
 * bytes when it isn't UTF-8, or an array of either when the entry has it several times (then the first counts).
 */
export function parseJournalLine(line: string): JournalEntry {
  const { __CURSOR, __REALTIME_TIMESTAMP, MESSAGE, ...others }: { [name: string]: JsonField } = JSON.parse(line);
  return {
    cursor: String(__CURSOR ?? ''),
    realtime: Number(__REALTIME_TIMESTAMP ?? 0),
    message: bytesOf(MESSAGE ?? ''),
    fields: stringFields(others),
  };
}

const encoder = new TextEncoder();

function bytesOf(field: JsonField): Uint8Array {
  if (field === null) return new Uint8Array();
  if (typeof field === 'string') return encoder.encode(field);
  if (isBytes(field)) return Uint8Array.from(field);
  return bytesOf(field[0] ?? '');
}

function isBytes(field: readonly unknown[]): field is readonly number[] {
  return typeof field[0] === 'number';
}

function stringFields(others: { readonly [name: string]: JsonField }): { readonly [name: string]: string } {
  const fields: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(others)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'string') fields[name] = first;
  }
  return fields;
}
