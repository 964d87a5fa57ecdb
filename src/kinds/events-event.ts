import { semanticEqual } from '../machinery/deep.ts';
import { invalidValue, required } from '../machinery/field-path.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Column } from '../machinery/table.ts';
import { defineKind } from './define-kind.ts';
import type { KindDefinition } from './definition.ts';
import { eventKind } from './event.ts';
import type { Draft, Event, EventsEvent } from './types.ts';
import { type Findings, validateImmutable } from './validation.ts';
import { toStored, type ViewKind } from './view.ts';

type Object = Draft<EventsEvent>;

const RENAMES = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
} as const;

const regarding = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

function validateSeries(series: Object['series']): Findings {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}

/** What `ValidateEventCreate` asks of new events of this group beside the rules for all. */
function validate(event: Object): Findings {
  const { deprecatedSource: source, type = '' } = event;
  const old = [
    ['firstTimestamp', Boolean(event.deprecatedFirstTimestamp)],
    ['lastTimestamp', Boolean(event.deprecatedLastTimestamp)],
    ['count', Boolean(event.deprecatedCount)],
    ['source', Boolean(source?.component || source?.host)],
  ] as const;
  return [
    ...validateSeries(event.series),
    ...(event.eventTime ? [] : [required('eventTime')]),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...old.filter(([, isSet]) => isSet).map(([field]) => invalidValue(field, '', 'needs to be unset')),
  ];
}

const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'action',
  'related',
] as const;

/** A time to the microsecond, which is how exactly clients write it back. */
function microseconds(time = ''): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}

function validateEventTime({ eventTime: time }: Draft<Event>, { eventTime: old }: Draft<Event>): Findings {
  const same = microseconds(time ?? '') === microseconds(old ?? '');
  return same ? [] : validateImmutable(time, old, 'eventTime');
}

/** `ValidateEventUpdate` for this group: what happened stays; only how often may change. */
function validateUpdate(event: Draft<Event>, old: Draft<Event>): Findings {
  return [
    ...(semanticEqual(event.series, old.series) ? [] : validateSeries(event.series)),
    ...FIXED.flatMap((field) => validateImmutable(event[field], old[field], field)),
    ...validateEventTime(event, old),
    ...validateImmutable(event.reportingComponent, old.reportingComponent, 'reportingController'),
    ...validateImmutable(event.reportingInstance, old.reportingInstance, 'reportingInstance'),
  ];
}

/** The stored kind's columns, read through the view. */
function columnsOf(kind: () => ViewKind): readonly Column<Object>[] {
  return eventKind.columns.map((column) => ({
    ...column,
    cell: (event, now) => column.cell(toStored<KubernetesObject>(kind(), event), now),
  }));
}

/** events.k8s.io/v1 Event: the core events under their newer names. */
export const eventsEventKind: KindDefinition = defineKind<Object>({
  group: 'events.k8s.io',
  kind: 'Event',
  shortNames: ['ev'],
  view: { of: eventKind, renames: RENAMES },
  columns: columnsOf(() => eventsEventKind as ViewKind),
  selectableFields: {
    ...Object.fromEntries(
      regarding.map((field) => [`regarding.${field}`, (o: Object): string => o.regarding?.[field] ?? '']),
    ),
    reason: (o) => o.reason ?? '',
    reportingController: (o) => o.reportingController ?? '',
    type: (o) => o.type ?? '',
  },
  validate,
  validateUpdate: (event, old) => validateUpdate(event as Draft<Event>, old as Draft<Event>),
  support: { level: 'partial', note: 'The same objects as the core Events.' },
});
