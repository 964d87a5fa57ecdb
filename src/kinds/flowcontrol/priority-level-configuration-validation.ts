import { child, forbiddenField, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isInRange } from '../../machinery/names.ts';
import type { Draft, PriorityLevelConfiguration } from '../types.ts';
import { type Findings, validateNonNegative } from '../validation.ts';
import { validateFlowStatus } from './flow-schema-validation.ts';
import { validateMandatoryLevel } from './mandatory.ts';

type Object = Draft<PriorityLevelConfiguration>;
type Spec = NonNullable<Object['spec']>;
type Limited = NonNullable<Spec['limited']>;
type Response = NonNullable<Limited['limitResponse']>;
type Queuing = NonNullable<Response['queuing']>;

const MAX_QUEUES = 10_000_000;
const HASH_BITS = 60;

/** `shufflesharding.RequiredEntropyBits`. */
function entropyBits(queues: number, handSize: number): number {
  return Math.ceil(Math.log2(queues) * handSize);
}

function validateHandSize({ queues = 0, handSize = 0 }: Queuing, path: string): Findings {
  if (handSize <= 0) return [invalidValue(path, handSize, 'must be positive')];
  if (handSize > queues) return [invalidValue(path, handSize, `should not be greater than queues (${queues})`)];
  if (entropyBits(queues, handSize) <= HASH_BITS) return [];
  const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`;
  return [invalidValue(path, handSize, detail)];
}

function validateQueuing(queuing: Queuing, path: string): Findings {
  const { queues = 0, queueLengthLimit = 0 } = queuing;
  const field = child(path, 'queues');
  return [
    ...(queueLengthLimit <= 0
      ? [invalidValue(child(path, 'queueLengthLimit'), queueLengthLimit, 'must be positive')]
      : []),
    ...(queues <= 0 ? [invalidValue(field, queues, 'must be positive')] : []),
    ...(queues > MAX_QUEUES ? [invalidValue(field, queues, `must not be greater than ${MAX_QUEUES}`)] : []),
    ...validateHandSize(queuing, child(path, 'handSize')),
  ];
}

function validateResponse(response: Response, path: string): Findings {
  const field = child(path, 'queuing');
  switch (response.type) {
    case 'Reject':
      if (!response.queuing) return [];
      return [forbiddenField(field, 'must be nil if limited.limitResponse.type is not Limited')];
    case 'Queue':
      if (response.queuing) return validateQueuing(response.queuing, field);
      return [required(field, 'must not be empty if limited.limitResponse.type is Limited')];
    default:
      return [notSupported(child(path, 'type'), response.type ?? '', ['Queue', 'Reject'])];
  }
}

function validatePercent(value: number | undefined, path: string): Findings {
  return value === undefined ? [] : isInRange(value, 0, 100).map((message) => invalidValue(path, value, message));
}

function validateLimited(limited: Limited, path: string): Findings {
  const { nominalConcurrencyShares: shares, borrowingLimitPercent: borrowing } = limited;
  return [
    ...((shares ?? 0) < 0
      ? [invalidValue(child(path, 'nominalConcurrencyShares'), shares, 'must be a non-negative integer')]
      : []),
    ...validateResponse(limited.limitResponse ?? {}, child(path, 'limitResponse')),
    ...validatePercent(limited.lendablePercent, child(path, 'lendablePercent')),
    ...((borrowing ?? 0) < 0
      ? [invalidValue(child(path, 'borrowingLimitPercent'), borrowing, 'if specified, must be a non-negative integer')]
      : []),
  ];
}

function validateType(spec: Spec, name: string): Findings {
  const rule = "type must be 'Exempt' if and only if name is 'exempt'";
  return (name === 'exempt') === (spec.type === 'Exempt') ? [] : [invalidValue('spec.type', spec.type ?? '', rule)];
}

function validateSpec(spec: Spec): Findings {
  switch (spec.type) {
    case 'Exempt':
      return [
        ...(spec.limited ? [forbiddenField('spec.limited', 'must be nil if the type is not Limited')] : []),
        ...validateNonNegative(spec.exempt?.nominalConcurrencyShares, 'spec.exempt.nominalConcurrencyShares'),
        ...validatePercent(spec.exempt?.lendablePercent, 'spec.exempt.lendablePercent'),
      ];
    case 'Limited':
      return [
        ...(spec.exempt ? [forbiddenField('spec.exempt', 'must be nil if the type is Limited')] : []),
        ...(spec.limited
          ? validateLimited(spec.limited, 'spec.limited')
          : [required('spec.limited', 'must not be empty when type is Limited')]),
      ];
    default:
      return [notSupported('spec.type', spec.type ?? '', ['Exempt', 'Limited'])];
  }
}

/** `ValidatePriorityLevelConfiguration`. */
export function validatePriorityLevel(level: Object): Findings {
  const { spec = {}, metadata: { name = '' } = {} } = level;
  return [
    ...validateType(spec, name),
    ...validateSpec(spec),
    ...validateMandatoryLevel(name, spec),
    ...validateFlowStatus(level.status),
  ];
}
