import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectOf } from './arbitrary-object.ts';
import { fromEventsView, toEventsView } from './event-view.ts';

test('an event seen through the other group and back is the same event', () => {
  fc.assert(
    fc.property(objectOf('io.k8s.api.core.v1.Event'), (object) => {
      const event = { ...object, apiVersion: 'v1' };
      expect(fromEventsView(toEventsView(event))).toEqual(event);
    }),
  );
});

test('the other group has its own names for the same fields', () => {
  const involvedObject = { kind: 'Pod', name: 'web' };
  const event = { apiVersion: 'v1', involvedObject, message: 'm', count: 2, reportingComponent: 'kubelet' };
  expect(toEventsView(event)).toEqual({
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    note: 'm',
    deprecatedCount: 2,
    reportingController: 'kubelet',
  });
});
