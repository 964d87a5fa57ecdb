import { child, forbiddenField, invalidValue, key, required } from '../../machinery/field-path.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../machinery/quantity.ts';
import type { ResourceRequirements, Sparse } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';

type Requirements = Sparse<ResourceRequirements>;
type Amounts = { readonly [name: string]: string };

const CONTAINER = ['cpu', 'memory', 'ephemeral-storage'];
const OTHER =
  'storage pods services services.nodeports services.loadbalancers secrets configmaps resourcequotas replicationcontrollers persistentvolumeclaims'.split(
    ' ',
  );
const MILLI_UNITS_OF_ONE = 1_000_000_000n;

/** Whether it is a size of huge pages. */
export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Whether less may be requested than the limit. */
export function allowsOvercommit(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

/** `validateResourceName`: a standard name, or one with a domain. */
export function validateResourceName(name: string, field: string): Findings {
  const sound = validateName(isQualifiedName, name, field);
  const standard = CONTAINER.includes(name) || OTHER.includes(name) || /^(requests|limits)\./.test(name);
  if (name.includes('/') || isHugePages(name) || standard) return sound;
  return [...sound, invalidValue(field, name, 'must be a standard resource type or fully qualified')];
}

/** `ValidateContainerResourceName`: what a container can ask for. */
export function validateContainerResourceName(name: string, field: string): Findings {
  const sound = validateResourceName(name, field);
  if (!name.includes('/')) {
    if (CONTAINER.includes(name) || isHugePages(name)) return sound;
    return [...sound, invalidValue(field, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || !name.startsWith('requests.')) return sound;
  return [...sound, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

/** `ValidateResourceQuantityValue`, and that it is a quantity at all. */
export function validateAmount(name: string, text: string, field: string): Findings {
  const parsed = parseQuantity(text);
  if (!parsed.ok) return [invalidValue(field, text, parsed.message)];
  const { nano } = parsed.value;
  if (nano < 0n) return [invalidValue(field, formatQuantity(parsed.value), 'must be greater than or equal to 0')];
  const whole = nano % MILLI_UNITS_OF_ONE === 0n;
  const integer = !allowsOvercommit(name) || isHugePages(name);
  return whole || !integer ? [] : [invalidValue(field, formatQuantity(parsed.value), 'must be an integer')];
}

type NameCheck = (name: string, field: string) => Findings;

function validateAmounts(amounts: Amounts, path: string, checkName: NameCheck): Findings {
  return Object.entries(amounts).flatMap(([name, text]) => [
    ...checkName(name, key(path, name)),
    ...validateAmount(name, text, key(path, name)),
  ]);
}

function quantityIn(amounts: Amounts, name: string): Quantity | undefined {
  const text = Object.hasOwn(amounts, name) ? amounts[name] : undefined;
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.ok ? parsed.value : undefined;
}

function compareToLimit(name: string, requests: Amounts, limits: Amounts, path: string): Findings {
  const [request, limit] = [quantityIn(requests, name), quantityIn(limits, name)];
  if (request === undefined) return [];
  if (limit === undefined) {
    const missing = !Object.hasOwn(limits, name) && !allowsOvercommit(name);
    return missing ? [required(child(path, 'limits'), 'Limit must be set for non overcommitable resources')] : [];
  }
  const order = compareQuantities(request, limit);
  if (order === 0 || (order < 0 && allowsOvercommit(name))) return [];
  const relation = allowsOvercommit(name) ? 'less than or equal to' : 'equal to';
  const detail = `must be ${relation} ${name} limit of ${formatQuantity(limit)}`;
  return [invalidValue(child(path, 'requests'), formatQuantity(request), detail)];
}

function validateHugePages(requests: Amounts, limits: Amounts, path: string): Findings {
  const names = [...Object.keys(requests), ...Object.keys(limits)];
  const alone = names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory');
  return alone ? [forbiddenField(path, 'HugePages require cpu or memory')] : [];
}

/** `ValidateContainerResourceRequirements`, unless other names count. */
export function validateResources(
  resources: Requirements | undefined,
  path: string,
  checkName: NameCheck = validateContainerResourceName,
): Findings {
  const { requests = {}, limits = {} } = resources ?? {};
  return [
    ...validateAmounts(limits, child(path, 'limits'), checkName),
    ...validateAmounts(requests, child(path, 'requests'), checkName),
    ...Object.keys(requests).flatMap((name) => compareToLimit(name, requests, limits, path)),
    ...validateHugePages(requests, limits, path),
  ];
}
