import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectOf } from './arbitrary-object.ts';
import { eventsEventKind } from './events-event.ts';
import { toStored, toViewed, type ViewKind } from './view.ts';

const kind = eventsEventKind as ViewKind;

test('an event seen through the other group and back is the same event', () => {
  fc.assert(
    fc.property(objectOf('io.k8s.api.core.v1.Event'), (object) => {
      const event = { ...object, apiVersion: 'v1' };
      expect(toStored(kind, toViewed(kind, event))).toEqual(event);
    }),
  );
});

test('the other group has its own names for the same fields', () => {
  const involvedObject = { kind: 'Pod', name: 'web' };
  const event = { apiVersion: 'v1', involvedObject, message: 'm', count: 2, reportingComponent: 'kubelet' };
  expect(toViewed(kind, event)).toEqual({
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    note: 'm',
    deprecatedCount: 2,
    reportingController: 'kubelet',
  });
});

test('a new event of that group says when it happened, and nothing in the old way', () => {
  const event = { deprecatedCount: 2, type: 'Odd', series: { count: 1 } };
  expect(kind.validate(event as object).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: Odd',
    'count: Invalid value: "": needs to be unset',
  ]);
});
