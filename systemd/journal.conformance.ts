import { describe, expect, it } from 'vitest';
import type { Journal, JournalEntry, JournalQuery } from './journal.ts';

/** What the suite needs from whoever runs it. */
export interface JournalHarness {
  readonly journal: Journal;
  /** Logs one line under a SYSLOG_IDENTIFIER and returns once it can be read. */
  append(identifier: string, message: Uint8Array): Promise<void>;
}

/** What every Journal does. */
export function journalConformance(title: string, open: () => JournalHarness): void {
  describe(`${title} as a Journal`, () => {
    const { journal, append } = open();
    let count = 0;
    const identifier = (): string => `qs-conformance-${process.pid}-${Date.now()}-${count++}`;
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    const texts = (entries: readonly JournalEntry[]): readonly string[] =>
      entries.map((entry) => new TextDecoder().decode(entry.message));
    const readAll = (query: JournalQuery): Promise<JournalEntry[]> => collect(journal.read(query));

    it('reads what matches, in order, with time, cursor and fields', async () => {
      const id = identifier();
      for (const message of ['one', 'two', 'three']) await append(id, text(message));
      const entries = await readAll({ matches: [`SYSLOG_IDENTIFIER=${id}`] });
      expect(texts(entries)).toEqual(['one', 'two', 'three']);
      expect(entries[0]?.fields['SYSLOG_IDENTIFIER']).toBe(id);
      expect(new Set(entries.map((entry) => entry.cursor)).size).toBe(3);
      const times = entries.map((entry) => entry.realtime);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(1_600_000_000_000_000);
    });

    it('reads the last lines only, and from a point in time on', async () => {
      const id = identifier();
      for (const message of ['one', 'two', 'three']) await append(id, text(message));
      const matches = [`SYSLOG_IDENTIFIER=${id}`];
      expect(texts(await readAll({ matches, lines: 2 }))).toEqual(['two', 'three']);
      expect(await readAll({ matches, lines: 0 })).toEqual([]);
      const since = (await readAll({ matches }))[1]?.realtime ?? 0;
      expect(texts(await readAll({ matches, since }))).toEqual(['two', 'three']);
    });

    it('takes several values of one field as alternatives', async () => {
      const [a, b] = [identifier(), identifier()];
      await append(a, text('a'));
      await append(b, text('b'));
      const matches = [`SYSLOG_IDENTIFIER=${a}`, `SYSLOG_IDENTIFIER=${b}`];
      expect(texts(await readAll({ matches }))).toEqual(['a', 'b']);
    });

    it('gives messages byte for byte: not UTF-8, longer than 4 KB, several scripts', async () => {
      const id = identifier();
      const messages = [Uint8Array.of(0x61, 0xff, 0xfe, 0x62), text('x'.repeat(20_000)), text('añ日本🚀')];
      for (const message of messages) await append(id, message);
      const entries = await readAll({ matches: [`SYSLOG_IDENTIFIER=${id}`] });
      expect(entries.map((entry) => Buffer.from(entry.message).toString('hex'))).toEqual(
        messages.map((message) => Buffer.from(message).toString('hex')),
      );
    });

    it('follows from the lines asked for until aborted', async () => {
      const id = identifier();
      await append(id, text('old'));
      const abort = new AbortController();
      const seen: string[] = [];
      const query = { matches: [`SYSLOG_IDENTIFIER=${id}`], follow: true };
      for await (const entry of journal.read(query, { signal: abort.signal })) {
        seen.push(...texts([entry]));
        if (seen.length === 1) await append(id, text('new'));
        if (seen.length === 2) abort.abort();
      }
      expect(seen).toEqual(['old', 'new']);
    });

    it('ends when the reader has had enough', async () => {
      const id = identifier();
      await append(id, text('one'));
      for await (const entry of journal.read({ matches: [`SYSLOG_IDENTIFIER=${id}`], follow: true })) {
        expect(texts([entry])).toEqual(['one']);
        break;
      }
    });

    it('reads nothing once aborted', async () => {
      const signal = AbortSignal.abort();
      const entries = await collect(journal.read({ matches: ['SYSLOG_IDENTIFIER=x'], follow: true }, { signal }));
      expect(entries).toEqual([]);
    });
  });
}

async function collect(entries: AsyncIterable<JournalEntry>): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
