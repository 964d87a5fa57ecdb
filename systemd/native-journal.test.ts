import { expect, it } from 'vitest';
import { createNativeStream, loadNativeJournal, type NativeJournal } from './native-journal.ts';

it('writes one entry a line, at its level, with fields as the journal spells them', () => {
  const entries: unknown[] = [];
  const warning: NativeJournal['warning'] = (message, fields) => void entries.push([message, fields]);
  const stream = createNativeStream({ warning } as NativeJournal);
  stream.write(
    '{"level":40,"time":1,"retryMs":5,"unit":"qs-a.service","err":{"message":"x"},"msg":"reconcile failed"}\n',
  );
  expect(entries).toEqual([['reconcile failed', { retry_ms: '5', unit: 'qs-a.service', err: '{"message":"x"}' }]]);
});

it('is absent where the package is not installed or does not load', async () => {
  expect(await loadNativeJournal('quadshift', () => Promise.reject(new Error('no such package')))).toBeUndefined();
});

it('names the service in every entry', async () => {
  const given: object[] = [];
  class Journald {
    constructor(defaults: object) {
      given.push(defaults);
    }
  }
  expect(await loadNativeJournal('quadshift', async () => ({ default: Journald }))).toBeInstanceOf(Journald);
  expect(given).toEqual([{ syslog_identifier: 'quadshift' }]);
});
