import { child, duplicate, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isLabelValue, isQualifiedName, validateLabelKey, validateLabels } from '../../machinery/names.ts';
import type { PodSpec, Sparse, Toleration, TopologySpreadConstraint } from '../types.ts';
import { type Findings, validateEnum, validateLabelSelector, validateName } from '../validation.ts';
import { validateAffinity } from './affinity-validation.ts';

type Spec = Sparse<PodSpec>;

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateTolerationValue(toleration: Sparse<Toleration>, path: string): Findings {
  const { operator = '', value = '' } = toleration;
  const field = child(path, 'operator');
  switch (operator) {
    case '':
    case 'Equal': {
      const wrong = isLabelValue(value);
      return wrong.length === 0 ? [] : [invalidValue(field, value, wrong.join(';'))];
    }
    case 'Exists':
      return value === '' ? [] : [invalidValue(field, toleration, "value must be empty when `operator` is 'Exists'")];
    default:
      return [notSupported(field, operator, ['Equal', 'Exists'])];
  }
}

function validateToleration(toleration: Sparse<Toleration>, path: string): Findings {
  const { key = '', operator = '', effect = '', tolerationSeconds } = toleration;
  const everything = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
  const timed = "effect must be 'NoExecute' when `tolerationSeconds` is set";
  return [
    ...(key === '' ? [] : validateLabelKey(key, child(path, 'key'))),
    ...(key === '' && operator !== 'Exists' ? [invalidValue(child(path, 'operator'), operator, everything)] : []),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
      ? [invalidValue(child(path, 'effect'), effect, timed)]
      : []),
    ...validateTolerationValue(toleration, path),
    ...validateEnum(effect, child(path, 'effect'), EFFECTS, 'optional'),
  ];
}

/** `ValidateTolerations`. */
export function validateTolerations(tolerations: readonly Sparse<Toleration>[], path: string): Findings {
  return tolerations.flatMap((toleration, position) => validateToleration(toleration, index(path, position)));
}

function validateSpread(constraint: Sparse<TopologySpreadConstraint>, path: string): Findings {
  const { maxSkew = 0, topologyKey, whenUnsatisfiable, minDomains } = constraint;
  const modes = ['DoNotSchedule', 'ScheduleAnyway'];
  const least = child(path, 'minDomains');
  const only = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
  return [
    ...((minDomains ?? 1) > 0 ? [] : [invalidValue(least, minDomains, 'must be greater than zero')]),
    ...(minDomains === undefined || whenUnsatisfiable === 'DoNotSchedule'
      ? []
      : [invalidValue(least, minDomains, only)]),
    ...(['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const).flatMap((field) =>
      validateEnum(constraint[field], child(path, field), ['Honor', 'Ignore'], 'optional'),
    ),
    ...(maxSkew > 0 ? [] : [invalidValue(child(path, 'maxSkew'), maxSkew, 'must be greater than zero')]),
    ...(topologyKey
      ? validateLabelKey(topologyKey, child(path, 'topologyKey'))
      : [required(child(path, 'topologyKey'), 'can not be empty')]),
    ...(modes.includes(whenUnsatisfiable ?? '')
      ? []
      : [notSupported(child(path, 'whenUnsatisfiable'), whenUnsatisfiable ?? '', modes)]),
    ...validateLabelSelector(constraint.labelSelector, child(path, 'labelSelector')),
  ];
}

/** Two constraints may not be about the same topology in the same way. */
function validateDistinctSpread(
  all: readonly Sparse<TopologySpreadConstraint>[],
  position: number,
  path: string,
): Findings {
  const nameOf = ({ topologyKey = '', whenUnsatisfiable = '' }: Sparse<TopologySpreadConstraint>) =>
    `{${topologyKey}, ${whenUnsatisfiable}}`;
  const names = all.map(nameOf);
  const name = names[position] ?? '';
  return names.indexOf(name) < position ? [duplicate(child(path, '{topologyKey, whenUnsatisfiable}'), name)] : [];
}

function validateGates(spec: Spec, path: string): Findings {
  const gates = child(path, 'readinessGates');
  return (spec.readinessGates ?? []).flatMap((gate, position) =>
    validateName(isQualifiedName, gate.conditionType ?? '', child(index(gates, position), 'conditionType')),
  );
}

/** Where a pod may run, and what it waits for. */
export function validateScheduling(spec: Spec, path: string): Findings {
  const spread = child(path, 'topologySpreadConstraints');
  return [
    ...validateLabels(spec.nodeSelector, child(path, 'nodeSelector')),
    ...validateAffinity(spec.affinity, child(path, 'affinity')),
    ...validateGates(spec, path),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, position, all) => [
      ...validateSpread(constraint, index(spread, position)),
      ...validateDistinctSpread(all, position, index(spread, position)),
    ]),
    ...validateTolerations(spec.tolerations ?? [], child(path, 'tolerations')),
  ];
}
