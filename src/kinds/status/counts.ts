import { child, invalidValue } from '../../machinery/field-path.ts';
import { type Findings, validateNonNegative } from '../validation.ts';

const STATUS = 'status';

/** Numbers of a status, by the names of their fields and in upstream's order. */
export interface CountRules {
  /** None of them is negative. */
  readonly counts: readonly string[];
  /** None of them is greater than `replicas`. */
  readonly withinReplicas?: readonly string[];
  /** How the refusal calls `readyReplicas`, which `availableReplicas` is not greater than. */
  readonly readyIs?: string;
  /** `collisionCount` never goes back. */
  readonly collisions?: boolean;
}

type Counts = { readonly [field: string]: number | undefined };

/** Judges the numbers of a status: `ValidateDeploymentStatusUpdate` and its like. */
export function validateCounts(rules: CountRules): (object: object, old: object) => Findings {
  return (object, old) => {
    const status = countsOf(object);
    return [
      ...rules.counts.flatMap((field) => validateNonNegative(status[field], child(STATUS, field))),
      ...(rules.withinReplicas ?? []).flatMap((field) =>
        notAbove(status, field, ['replicas', 'cannot be greater than status.replicas']),
      ),
      ...(rules.readyIs === undefined
        ? []
        : notAbove(status, 'availableReplicas', ['readyReplicas', `cannot be greater than ${rules.readyIs}`])),
      ...(rules.collisions ? notDecremented(status, countsOf(old)) : []),
    ];
  };
}

function countsOf(object: object): Counts {
  return (object as { readonly status?: Counts }).status ?? {};
}

function notAbove(status: Counts, field: string, [limit, detail]: readonly [string, string]): Findings {
  const value = status[field] ?? 0;
  return value > (status[limit] ?? 0) ? [invalidValue(child(STATUS, field), value, detail)] : [];
}

function notDecremented({ collisionCount = 0 }: Counts, old: Counts): Findings {
  if (old['collisionCount'] === undefined || collisionCount >= old['collisionCount']) return [];
  return [invalidValue(child(STATUS, 'collisionCount'), collisionCount, 'cannot be decremented')];
}
