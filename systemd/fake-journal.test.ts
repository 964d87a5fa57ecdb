import { createFakeJournal } from './fake-journal.ts';
import { journalConformance } from './journal.conformance.ts';

journalConformance('the fake', () => {
  const journal = createFakeJournal();
  return {
    journal,
    append: async (identifier, message) => journal.append(message, { SYSLOG_IDENTIFIER: identifier }),
  };
});
