import { child, forbiddenField, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import { isPathSegment } from '../machinery/names.ts';
import { parseQuantity } from '../machinery/quantity.ts';
import { validateEach } from './each.ts';
import type { MetricSpec, Sparse } from './types.ts';
import { type Findings, validateName, validateRequiredName } from './validation.ts';

type Spec = Sparse<MetricSpec>;
type Target = NonNullable<NonNullable<Spec['resource']>['target']>;
type Identifier = NonNullable<NonNullable<Spec['pods']>['metric']>;
interface Measured {
  readonly metric?: Identifier;
  readonly target?: Target;
}

/** Field of a metric by its type. */
const SOURCES = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const;
type Type = keyof typeof SOURCES;

function isPositive(amount: string): boolean {
  const parsed = parseQuantity(amount);
  return parsed.ok && parsed.value.nano > 0n;
}

function validateTarget({ type = '', value, averageValue, averageUtilization: share }: Target, path: string): Findings {
  const field = child(path, 'type');
  const known = ['Utilization', 'Value', 'AverageValue'].includes(type);
  const positive = (amount: string | undefined, name: string): Findings =>
    amount === undefined || isPositive(amount) ? [] : [invalidValue(child(path, name), amount, 'must be positive')];
  return [
    ...(type === '' ? [required(field, 'must specify a metric target type')] : []),
    ...(known ? [] : [invalidValue(field, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive(value, 'value'),
    ...(share !== undefined && share < 1
      ? [invalidValue(child(path, 'averageUtilization'), share, 'must be greater than 0')]
      : []),
    ...positive(averageValue, 'averageValue'),
  ];
}

function validateIdentifier(metric: Identifier | undefined, path: string): Findings {
  const field = child(path, 'name');
  if (!metric?.name) return [required(field, 'must specify a metric name')];
  return validateName(isPathSegment, metric.name, field);
}

function validateMeasured({ metric, target = {} }: Measured, path: string): Findings {
  return [...validateIdentifier(metric, child(path, 'metric')), ...validateTarget(target, child(path, 'target'))];
}

/** Resources are measured in shares of what is requested or by themselves, not both. */
function validateResourceTarget(target: Target, path: string): Findings {
  const [share, value] = [target.averageUtilization, target.averageValue];
  const none = 'must set either a target raw value or a target utilization';
  const both = 'may not set both a target raw value and a target utilization';
  return [
    ...validateTarget(target, path),
    ...(share === undefined && value === undefined ? [required(child(path, 'averageUtilization'), none)] : []),
    ...(share !== undefined && value !== undefined ? [forbiddenField(child(path, 'averageValue'), both)] : []),
  ];
}

function validateReference({ kind, name }: { readonly kind?: string; readonly name?: string }, path: string): Findings {
  return [
    ...validateRequiredName(isPathSegment, kind, child(path, 'kind')),
    ...validateRequiredName(isPathSegment, name, child(path, 'name')),
  ];
}

const EITHER = 'must set either a target value for metric or a per-pod target';

function validateEither(target: Target | undefined, path: string): Findings {
  const none = target?.value === undefined && target?.averageValue === undefined;
  return none ? [required(child(path, 'target', 'averageValue'), EITHER)] : [];
}

const CHECKS: { readonly [type in Type]: (spec: Spec, path: string) => Findings } = {
  Object: ({ object = {} }, path) => [
    ...validateReference(object.describedObject ?? {}, child(path, 'describedObject')),
    ...validateMeasured(object, path),
    ...validateEither(object.target, path),
  ],
  External: ({ external = {} }, path) => {
    const { value, averageValue } = external.target ?? {};
    const both = value !== undefined && averageValue !== undefined;
    const detail = 'may not set both a target value for metric and a per-pod target';
    return [
      ...validateMeasured(external, path),
      ...validateEither(external.target, path),
      ...(both ? [forbiddenField(child(path, 'target', 'value'), detail)] : []),
    ];
  },
  Pods: ({ pods = {} }, path) => {
    const average = pods.target?.averageValue;
    const field = child(path, 'target', 'averageValue');
    const missing = average === undefined || !isPositive(average);
    return [
      ...validateMeasured(pods, path),
      ...(missing ? [required(field, 'must specify a positive target averageValue')] : []),
    ];
  },
  Resource: ({ resource = {} }, path) => [
    ...(resource.name ? [] : [required(child(path, 'name'), 'must specify a resource name')]),
    ...validateResourceTarget(resource.target ?? {}, child(path, 'target')),
  ],
  ContainerResource: ({ containerResource: source = {} }, path) => [
    ...(source.name ? [] : [required(child(path, 'name'), 'must specify a resource name')]),
    ...(source.container ? [] : [required(child(path, 'container'), 'must specify a container')]),
    ...validateResourceTarget(source.target ?? {}, child(path, 'target')),
  ],
};

function isType(type: string): type is Type {
  return Object.hasOwn(SOURCES, type);
}

function validateMetric(spec: Spec, path: string): Findings {
  const { type = '' } = spec;
  const field = child(path, 'type');
  const types = Object.keys(SOURCES) as readonly Type[];
  const present = types.filter((each) => spec[SOURCES[each]] !== undefined);
  const found = present.flatMap((each) => CHECKS[each](spec, child(path, SOURCES[each])));
  if (type === '') return [required(field, 'must specify a metric source type'), ...found];
  if (!isType(type)) return [notSupported(field, type, types), ...found];
  const populate = 'must populate information for the given metric source';
  const others = present.filter((each) => each !== type);
  return [
    ...found,
    ...(present.includes(type) ? [] : [required(child(path, SOURCES[type]), populate)]),
    ...others.map((each) => forbiddenField(child(path, SOURCES[each]), 'must populate the given metric source only')),
  ];
}

/** `validateMetrics`. */
export function validateMetrics(metrics: readonly Spec[] | undefined, path: string): Findings {
  return validateEach(metrics, path, validateMetric);
}
