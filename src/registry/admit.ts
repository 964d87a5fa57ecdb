import type { AdmissionRequest, AdmissionRound, DynamicRequest } from '../admission/plugin.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { type KubernetesObject, keyOf } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { RegistryContext } from './context.ts';
import { decodeObject, typed } from './decode-object.ts';
import { operationOptions } from './operation-options.ts';
import type { WriteOptions } from './registry.ts';

/** Which write is admitted. */
export interface Admission {
  readonly operation: AdmissionRequest['operation'];
  readonly kind: KindDefinition;
  readonly options: WriteOptions;
  readonly old?: KubernetesObject;
  readonly onSettled?: AdmissionRequest['onSettled'];
  /** Collects what plug-ins that ask others want to warn of. */
  readonly warnings: string[];
}

function requestOf(
  { operation, kind, options, old, onSettled }: Admission,
  object: KubernetesObject,
): AdmissionRequest {
  const key = keyOf(operation === 'CONNECT' ? (old ?? object) : object);
  const user = options.user === undefined ? {} : { user: options.user };
  return { operation, kind, key, object, old, onSettled, subresource: options.subresource ?? '', ...user };
}

/** The object as it would have been read from a client, with its defaults. */
function reread(context: RegistryContext, kind: KindDefinition, object: object): KubernetesObject {
  const decoded = decodeObject(kind, object, { schema: context.schema, fieldValidation: 'Ignore' });
  return typed(kind, kind.applyDefaults(decoded.object));
}

function dynamicRequest(
  context: RegistryContext,
  admission: Admission,
  { object, round }: { readonly object: KubernetesObject; readonly round: AdmissionRound },
): DynamicRequest {
  const { kind, options, warnings, operation } = admission;
  return {
    ...requestOf(admission, object),
    requested: options.requested ?? kind,
    dryRun: options.dryRun ?? false,
    operationOptions: operationOptions(operation, options),
    reread: (made) => reread(context, kind, made),
    warn: (text) => {
      if (!warnings.includes(text)) warnings.push(text);
    },
    annotate: (key, value) => context.audit(key, value),
    round,
  };
}

/** Runs one attempt at a write and tells those plug-ins that asked when it is over. */
export async function settling<T>(
  attempt: (onSettled: NonNullable<AdmissionRequest['onSettled']>) => Promise<T>,
): Promise<T> {
  const waiting: (() => void)[] = [];
  try {
    return await attempt((run) => waiting.push(run));
  } finally {
    for (const run of waiting) run();
  }
}

function accepted(result: KubernetesObject | StatusError): KubernetesObject {
  if (result instanceof StatusError) throw result;
  return result;
}

/** The first round, and what tells whether there has to be another. */
function firstRound() {
  const state = { wanted: false };
  const memory = new Map<string, unknown>();
  const repeat = (): void => {
    state.wanted = true;
  };
  return { state, round: { isSecond: false, repeat, memory } };
}

/** Nothing can be changed about what goes; a connection has no object that the house's own plug-ins know. */
const changesObjects = ({ operation }: Admission): boolean => operation === 'CREATE' || operation === 'UPDATE';

/** The object after every plug-in's mutation. Throws the first refusal. */
export async function admitMutating(
  context: RegistryContext,
  admission: Admission,
  object: KubernetesObject,
): Promise<KubernetesObject> {
  let current = object;
  const { state, round: first } = firstRound();
  let round: AdmissionRound = first;
  for (let at = 0; at < context.admission.length; at++) {
    const plugin = context.admission[at];
    const own = changesObjects(admission) ? plugin?.mutate : undefined;
    current = accepted(own?.(requestOf(admission, current), context.lookup) ?? current);
    const later = plugin?.mutateLater?.(dynamicRequest(context, admission, { object: current, round }), context.lookup);
    if (later !== undefined) current = accepted(await later);
    if (!state.wanted || round.isSecond) continue;
    round = { ...first, isSecond: true };
    at = -1;
  }
  return current;
}

/** What plug-ins have to say about the object that is written. */
export function admissionWarnings(
  context: RegistryContext,
  admission: Admission,
  object: KubernetesObject,
): readonly string[] {
  const request = requestOf(admission, object);
  const own = context.admission.flatMap((plugin) => plugin.warnings?.(request, context.lookup) ?? []);
  return [...own, ...admission.warnings];
}

const ONCE: AdmissionRound = { isSecond: false, repeat: () => {}, memory: new Map() };

/** Asks every plug-in about the object that would be stored. Throws the first refusal. */
export async function admitValidating(
  context: RegistryContext,
  admission: Admission,
  object: KubernetesObject,
): Promise<void> {
  for (const plugin of context.admission) {
    const own = admission.operation === 'CONNECT' ? undefined : plugin.validate;
    const refusal = own?.(requestOf(admission, object), context.lookup);
    if (refusal !== undefined) throw refusal;
    const later = plugin.validateLater?.(dynamicRequest(context, admission, { object, round: ONCE }), context.lookup);
    const denied = later === undefined ? undefined : await later;
    if (denied !== undefined) throw denied;
  }
}
