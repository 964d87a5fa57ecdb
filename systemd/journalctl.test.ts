import { describe, expect, it } from 'vitest';
import { JournalError } from './journal.ts';
import { parseJournalLine } from './journal-entry.ts';
import { createJournalctl, journalctlArguments } from './journalctl.ts';

describe('journalctlArguments', () => {
  it('puts matches behind the end of options', () => {
    const query = { matches: ['_SYSTEMD_UNIT=a.service'], since: 1_700_000_000_000_042, lines: 5, follow: true };
    expect(journalctlArguments(query).slice(4)).toEqual([
      '--since=@1700000000.000042',
      '--follow',
      '--lines=5',
      '--',
      '_SYSTEMD_UNIT=a.service',
    ]);
  });

  it('refuses what is not a match', () => {
    expect(() => journalctlArguments({ matches: ['--vacuum-size=1'] })).toThrow(JournalError);
    expect(() => journalctlArguments({ matches: ['+'] })).toThrow(JournalError);
  });
});

describe('parseJournalLine', () => {
  it('reads messages as text, bytes, repeated or absent', () => {
    const message = (json: string): string =>
      Buffer.from(parseJournalLine(`{"__CURSOR":"c","__REALTIME_TIMESTAMP":"7","MESSAGE":${json}}`).message).toString();
    expect([message('"a"'), message('[98,99]'), message('["d","e"]'), message('[[102],"g"]'), message('null')]).toEqual(
      ['a', 'bc', 'd', 'f', ''],
    );
  });
});

describe('createJournalctl', () => {
  const readAll = async (program: string): Promise<void> => {
    for await (const _ of createJournalctl(program).read({ matches: [] }));
  };

  it('says so when journalctl is not there or fails', async () => {
    await expect(readAll('/nonexistent/journalctl')).rejects.toBeInstanceOf(JournalError);
    await expect(readAll('false')).rejects.toBeInstanceOf(JournalError);
  });
});
