import { invalidValue, required } from '../machinery/field-path.ts';
import { isQualifiedName } from '../machinery/names.ts';
import { utf8Length } from './base64.ts';
import type { Draft, Event } from './types.ts';
import { type Findings, validateEnum, validateName } from './validation.ts';

type Object = Draft<Event>;

const MAX_NAME = 128;
const MAX_NOTE = 1024;

/** Events about cluster-scoped objects live in `default` (or nowhere; newer ones in `kube-system`, too). */
function validateNamespace(event: Object): Findings {
  const namespace = event.metadata?.namespace ?? '';
  const involved = event.involvedObject?.namespace ?? '';
  const places = event.eventTime ? ['default', 'kube-system'] : ['', 'default'];
  const fits = involved === '' ? places.includes(namespace) : event.eventTime || namespace === involved;
  return fits ? [] : [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')];
}

function requiredUpTo(value: string | undefined, field: string, max: number): Findings {
  if (!value) return [required(field)];
  return atMost(value, field, max);
}

function atMost(value: string, field: string, max: number): Findings {
  return utf8Length(value) > max ? [invalidValue(field, '', `can have at most ${max} characters`)] : [];
}

/** The stricter rules of events that have an eventTime. */
function validateNewStyle(event: Object): Findings {
  const controller = event.reportingComponent ?? '';
  return [
    ...(controller === '' ? [required('reportingController')] : []),
    ...validateName(isQualifiedName, controller, 'reportingController'),
    ...requiredUpTo(event.reportingInstance, 'reportingInstance', MAX_NAME),
    ...requiredUpTo(event.action, 'action', MAX_NAME),
    ...requiredUpTo(event.reason, 'reason', MAX_NAME),
    ...atMost(event.message ?? '', 'message', MAX_NOTE),
    ...validateEnum(event.type, 'type', ['Normal', 'Warning']),
  ];
}

/** `ValidateEvent`. */
export function validateEvent(event: Object): Findings {
  return [...validateNamespace(event), ...(event.eventTime ? validateNewStyle(event) : [])];
}
