import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createLogStream, type LogFormat, logFormatFor } from './log-stream.ts';

function logged(format: LogFormat, log: (logger: ReturnType<typeof pino>) => void): string {
  let text = '';
  const stream = createLogStream(format, { write: (more: string) => (text += more) });
  log(pino({ level: 'trace', timestamp: () => ',"time":1700000000000' }, stream));
  return text;
}

it('gives the journal a priority, the message and its fields', () => {
  const text = logged('journal', (logger) => {
    logger.info({ namespace: 'shop', name: 'web', reason: 'two words', count: 3 }, 'pod started');
    logger.warn('careful');
    logger.error('broken\nin two');
    logger.fatal('dead');
    logger.debug('detail');
  });
  expect(text.split('\n')).toEqual([
    '<6>pod started namespace=shop name=web reason="two words" count=3',
    '<4>careful',
    '<3>broken',
    '<3>in two',
    '<2>dead',
    '<7>detail',
    '',
  ]);
});

it('shows an error with its stack, every line with the priority', () => {
  const lines = logged('journal', (logger) => logger.error({ err: new TypeError('no') }, 'failed')).split('\n');
  expect(lines[0]).toBe('<3>failed error=no');
  expect(lines[1]).toMatch(/^<3> +at /);
});

it('is readable on a terminal and untouched for machines', () => {
  expect(logged('pretty', (logger) => logger.info({ unit: 'a.service' }, 'up'))).toBe(
    '22:13:20.000 INFO  up unit=a.service\n',
  );
  expect(JSON.parse(logged('json', (logger) => logger.info('up')))).toMatchObject({ level: 30, msg: 'up' });
});

it('knows the journal by the stream that it was given, not by the mere variable', () => {
  expect(logFormatFor({ JOURNAL_STREAM: '1:1' }, true)).toBe('pretty');
  expect(logFormatFor({}, false)).toBe('json');
});
