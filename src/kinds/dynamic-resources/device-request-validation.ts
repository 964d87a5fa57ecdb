import {
  child,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from '../../machinery/names.ts';
import { utf8Length } from '../base64.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { ResourceClaimSpec, Sparse } from '../types.ts';
import { type Findings, validateName, validateRequiredName } from '../validation.ts';

type Devices = NonNullable<Sparse<ResourceClaimSpec>['devices']>;
type Request = NonNullable<Devices['requests']>[number];
type Exact = NonNullable<Request['exactly']>;
type Constraint = NonNullable<Devices['constraints']>[number];
type Configuration = NonNullable<Devices['config']>[number];
type Selector = NonNullable<Exact['selectors']>[number];
type Toleration = NonNullable<Exact['tolerations']>[number];

/** Most requests, constraints, configurations and selectors of one claim or class, each. */
export const MAX_ITEMS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_EXPRESSION = 10 * 1024;
const MAX_DRIVER_NAME = 63;
const MAX_PARAMETERS = 10 * 1024;
const MODES = ['All', 'ExactCount'];
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const ONE_OF = 'exactly one of `exactly` or `firstAvailable` is required';

/** At most `max` items. */
export function validateSize(items: readonly unknown[] | undefined, path: string, max: number): Findings {
  const count = items?.length ?? 0;
  return count > max ? [tooMany(path, count, max)] : [];
}

/** `validateDriverName`: a DNS subdomain of at most 63 characters. */
export function validateDriverName(name: string | undefined, path: string): Findings {
  return [
    ...((name ?? '').length > MAX_DRIVER_NAME ? [tooLong(path, MAX_DRIVER_NAME)] : []),
    ...validateRequiredName(isDns1123Subdomain, name, path),
  ];
}

/** Selectors of devices; their expressions are compiled where devices are allocated. */
export function validateSelectors(selectors: readonly Selector[] | undefined, path: string): Findings {
  return [
    ...validateSize(selectors, path, MAX_ITEMS),
    ...validateEach(selectors, path, ({ cel }, at) => {
      const field = child(at, 'cel');
      if (!cel) return [required(field)];
      const { expression = '' } = cel;
      return utf8Length(expression) > MAX_EXPRESSION ? [tooLong(child(field, 'expression'), MAX_EXPRESSION)] : [];
    }),
  ];
}

/** Configuration that only a driver understands. */
export function validateOpaque(config: Pick<Configuration, 'opaque'>, path: string): Findings {
  const field = child(path, 'opaque');
  if (!config.opaque) return [required(field)];
  const { driver, parameters } = config.opaque;
  const at = child(field, 'parameters');
  const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters);
  const text = JSON.stringify(parameters ?? null);
  return [
    ...validateDriverName(driver, child(field, 'driver')),
    ...(parameters === undefined ? [required(at)] : []),
    ...(parameters !== undefined && !isObject
      ? [invalidValue(at, '<value omitted>', 'must be a valid JSON object')]
      : []),
    ...(utf8Length(text) > MAX_PARAMETERS ? [tooLong(at, MAX_PARAMETERS)] : []),
  ];
}

function validateMode({ allocationMode: mode = '', count = 0 }: Exact, path: string): Findings {
  const field = child(path, 'count');
  if (mode === 'All') {
    return count === 0 ? [] : [invalidValue(field, count, "must not be specified when allocationMode is 'All'")];
  }
  if (mode === 'ExactCount') return count > 0 ? [] : [invalidValue(field, count, 'must be greater than zero')];
  return [notSupported(child(path, 'allocationMode'), mode, MODES)];
}

function validateToleration({ key, operator = '', value = '', effect }: Toleration, path: string): Findings {
  const operators = ['Equal', 'Exists'];
  const unused = operator === 'Exists' && value !== '';
  return [
    ...(key ? validateName(isQualifiedName, key, child(path, 'key')) : []),
    ...(!key && operator === 'Equal'
      ? [invalidValue(child(path, 'operator'), operator, 'must be "Exists" when key is empty')]
      : []),
    ...(operators.includes(operator) ? [] : [notSupported(child(path, 'operator'), operator, operators)]),
    ...(unused ? [invalidValue(child(path, 'value'), value, 'must be empty for operator `Exists`')] : []),
    ...(operator === 'Equal' ? validateName(isLabelValue, value, child(path, 'value')) : []),
    ...(effect && !EFFECTS.includes(effect) ? [notSupported(child(path, 'effect'), effect, EFFECTS)] : []),
  ];
}

function validateExact(request: Exact, path: string): Findings {
  return [
    ...validateRequiredName(isDns1123Subdomain, request.deviceClassName, child(path, 'deviceClassName')),
    ...validateSelectors(request.selectors, child(path, 'selectors')),
    ...validateMode(request, path),
    ...validateEach(request.tolerations, child(path, 'tolerations'), validateToleration),
  ];
}

function validateAlternatives(request: Request, path: string): Findings {
  const field = child(path, 'firstAvailable');
  return [
    ...validateSize(request.firstAvailable, field, MAX_ALTERNATIVES),
    ...validateEach(request.firstAvailable, field, (each, at) => [
      ...validateRequiredName(isDns1123Label, each.name, child(at, 'name')),
      ...validateExact(each, at),
    ]),
    ...validateUnique(request.firstAvailable, field, ({ name = '' }) => name),
  ];
}

function validateRequest(request: Request, path: string): Findings {
  const alternatives = (request.firstAvailable ?? []).length > 0;
  const name = validateRequiredName(isDns1123Label, request.name, child(path, 'name'));
  if (alternatives && request.exactly) {
    return [...name, invalidValue(path, null, `${ONE_OF}, but multiple fields are set`)];
  }
  if (alternatives) return [...name, ...validateAlternatives(request, path)];
  return [
    ...name,
    ...(request.exactly ? validateExact(request.exactly, child(path, 'exactly')) : [required(path, ONE_OF)]),
  ];
}

/** `request` and `request/alternative` of every request. */
function requestNames({ requests = [] }: Devices): ReadonlySet<string> {
  const names = requests.flatMap(({ name = '', firstAvailable = [] }) => [
    name,
    ...firstAvailable.map((each) => `${name}/${each.name ?? ''}`),
  ]);
  return new Set(names);
}

function validateReferences(names: readonly string[] | undefined, path: string, known: ReadonlySet<string>): Findings {
  const detail =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  return [
    ...validateSize(names, path, MAX_ITEMS),
    ...validateEach(names, path, (name, at) => [
      ...name.split('/').flatMap((segment) => validateName(isDns1123Label, segment, at)),
      ...(known.has(name) ? [] : [invalidValue(at, name, detail)]),
    ]),
    ...validateUnique(names, path, (name) => name),
  ];
}

function validateConstraint(constraint: Constraint, path: string, known: ReadonlySet<string>): Findings {
  const { matchAttribute, distinctAttribute } = constraint;
  const field = matchAttribute === undefined ? 'distinctAttribute' : 'matchAttribute';
  const attribute = matchAttribute ?? distinctAttribute;
  const missing = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [
    ...validateReferences(constraint.requests, child(path, 'requests'), known),
    ...(attribute === undefined
      ? [required(path, missing)]
      : validateQualifiedAttribute(attribute, child(path, field))),
  ];
}

function validateQualifiedAttribute(name: string, path: string): Findings {
  if (name === '') return [required(path, 'name required')];
  return name.includes('/') ? [] : [invalidValue(path, name, 'must include a domain')];
}

/** `validateDeviceClaim`. */
export function validateDeviceClaim(devices: Devices, path: string): Findings {
  const known = requestNames(devices);
  const [requests, constraints, config] = ['requests', 'constraints', 'config'].map((name) => child(path, name)) as [
    string,
    string,
    string,
  ];
  return [
    ...validateSize(devices.requests, requests, MAX_ITEMS),
    ...validateEach(devices.requests, requests, validateRequest),
    ...validateUnique(devices.requests, requests, ({ name = '' }) => name),
    ...validateSize(devices.constraints, constraints, MAX_ITEMS),
    ...validateEach(devices.constraints, constraints, (each, at) => validateConstraint(each, at, known)),
    ...validateSize(devices.config, config, MAX_ITEMS),
    ...validateEach(devices.config, config, (each, at) => [
      ...validateReferences(each.requests, child(at, 'requests'), known),
      ...validateOpaque(each, at),
    ]),
  ];
}

/** That nobody claims a device before it is allocated. */
export function validateReservations(
  status: { readonly allocation?: object; readonly reservedFor?: readonly object[] },
  path: string,
): Findings {
  const early = (status.reservedFor ?? []).length > 0 && !status.allocation;
  return early ? [forbiddenField(child(path, 'reservedFor'), 'may not be specified when `allocated` is not set')] : [];
}
