import { execFileSync } from 'node:child_process';
import { journalConformance } from './journal.conformance.ts';
import { createJournalctl } from './journalctl.ts';

journalConformance('journalctl', () => ({
  journal: createJournalctl(),
  append: async (identifier, message) => {
    execFileSync('systemd-cat', ['-t', identifier], { input: Buffer.concat([message, Buffer.from('\n')]) });
    // journald reads the stream when it gets round to it; --sync waits until everything sent so far is stored.
    execFileSync('journalctl', ['--sync']);
  },
}));
