import { describe, expect, it } from 'vitest';
import type { BusSignal } from './bus.ts';
import { createUnitNews } from './unit-news.ts';

const UNIT = 'qs-a.service';

const announced = (ActiveState: string, StateChangeTimestamp: number, SubState = ''): BusSignal => ({
  path: '/org/freedesktop/systemd1/unit/qs_2da_2eservice',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'PropertiesChanged',
  body: ['org.freedesktop.systemd1.Unit', { ActiveState, SubState, StateChangeTimestamp }, []],
});

describe('news of units', () => {
  it('is each step, and not its repetition', () => {
    const news = createUnitNews();
    expect(news.isNews(UNIT, announced('activating', 1, 'start-pre'))).toBe(true);
    expect(news.isNews(UNIT, announced('activating', 1, 'start-pre'))).toBe(false);
    expect(news.isNews(UNIT, announced('activating', 2, 'start'))).toBe(true);
    expect(news.isNews('qs-b.service', announced('activating', 2, 'start'))).toBe(true);
  });

  it('is a step into the state of before: a restart between two announcements', () => {
    const news = createUnitNews();
    news.isNews(UNIT, announced('active', 1, 'running'));
    expect(news.isNews(UNIT, announced('active', 9, 'running'))).toBe(true);
  });

  it('is whatever is said of a unit at rest, of an ended job, and after a gap', () => {
    const news = createUnitNews();
    for (const _ of [1, 2]) expect(news.isNews(UNIT, announced('inactive', 3))).toBe(true);
    news.isNews(UNIT, announced('active', 4));
    expect(news.isNews(UNIT, { ...announced('active', 4), member: 'JobRemoved', body: [1, '/job/1', UNIT] })).toBe(
      true,
    );
    news.forget();
    expect(news.isNews(UNIT, announced('active', 4))).toBe(true);
  });
});
