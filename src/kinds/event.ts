import { column, elapsedSince, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateEvent } from './event-validation.ts';
import type { Draft, Event } from './types.ts';

type Object = Draft<Event>;

/** `kind/name` as kubectl names objects: the kind in lower case. */
function objectName(event: Object): string {
  const { kind = '', name = '' } = event.involvedObject ?? {};
  return kind === '' ? name : `${kind.toLowerCase()}/${name}`;
}

function source(event: Object): string {
  const component = event.source?.component || event.reportingComponent || '';
  return [component, event.source?.host || event.reportingInstance || ''].filter((part) => part !== '').join(', ');
}

function firstSeen(event: Object): string | undefined {
  return event.firstTimestamp || event.eventTime || undefined;
}

/** An event in a series was last seen when the series was; a single one when it happened. */
function lastSeen(event: Object): string | undefined {
  return event.series?.lastObservedTime || event.lastTimestamp || firstSeen(event);
}

function count(event: Object): number {
  return event.series?.count ?? (event.count || 1);
}

const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

/**
 * core/v1 Event. `events.k8s.io/v1` is the same objects seen through `events-event.ts`.
 */
export const eventKind = defineKind<Object>({
  kind: 'Event',
  createsOnUpdate: true,
  shortNames: ['ev'],
  columns: [
    column('Last Seen', 'string', 'Time since it was last seen.', (o, now) => elapsedSince(lastSeen(o), now)),
    column('Type', 'string', 'Normal or Warning.', (o) => o.type ?? ''),
    column('Reason', 'string', 'Short machine-readable reason.', (o) => o.reason ?? ''),
    column('Object', 'string', 'What it is about.', objectName),
    wideColumn('Subobject', 'string', 'Part of the object.', (o) => o.involvedObject?.fieldPath ?? ''),
    wideColumn('Source', 'string', 'Who reports it.', source),
    column('Message', 'string', 'What happened.', (o) => (o.message ?? '').trim()),
    wideColumn('First Seen', 'string', 'Time since it was first seen.', (o, now) => elapsedSince(firstSeen(o), now)),
    wideColumn('Count', 'string', 'How often it was seen.', count),
    { ...wideColumn<Object>('Name', 'string', 'Name of the event.', (o) => o.metadata?.name ?? ''), format: 'name' },
  ],
  selectableFields: {
    ...Object.fromEntries(
      involved.map((field) => [`involvedObject.${field}`, (o: Object): string => o.involvedObject?.[field] ?? '']),
    ),
    reason: (o) => o.reason ?? '',
    reportingComponent: (o) => o.reportingComponent ?? '',
    source: (o) => o.source?.component || o.reportingComponent || '',
    type: (o) => o.type ?? '',
  },
  validate: validateEvent,
  support: { level: 'partial', note: 'Written by the controllers and by clients; kept for an hour.' },
});
