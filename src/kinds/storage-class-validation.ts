import { semanticEqual } from '../machinery/deep.ts';
import { child, duplicate, forbiddenField, notSupported, required } from '../machinery/field-path.ts';
import { isQualifiedName } from '../machinery/names.ts';
import { validateEach } from './each.ts';
import { validateParameters, validateProvisioner } from './storage/class-parameters.ts';
import type { Draft, StorageClass } from './types.ts';
import { type Findings, validateEnum, validateImmutable, validateName } from './validation.ts';

type Object = Draft<StorageClass>;
type Term = NonNullable<Object['allowedTopologies']>[number];
type Expression = NonNullable<Term['matchLabelExpressions']>[number];

const FIXED = ['parameters', 'provisioner', 'reclaimPolicy'] as const;

function validateExpression({ key = '', values = [] }: Expression, path: string): Findings {
  const field = child(path, 'values');
  return [
    ...(values.length === 0 ? [required(field)] : []),
    ...validateEach(values, field, (value, at, position) =>
      values.indexOf(value) < position ? [duplicate(at, value)] : [],
    ),
    ...validateName(isQualifiedName, key, child(path, 'key')),
  ];
}

function validateTerm({ matchLabelExpressions: expressions = [] }: Term, path: string): Findings {
  const field = child(path, 'matchLabelExpressions');
  if (expressions.length === 0) return [required(field)];
  const keys = expressions.map((expression) => expression.key);
  return validateEach(expressions, field, (expression, at, position) => [
    ...validateExpression(expression, at),
    ...(keys.indexOf(expression.key) < position ? [duplicate(child(at, 'key'), expression.key)] : []),
  ]);
}

/** `ValidateStorageClass`. */
export function validateStorageClass(object: Object): Findings {
  const { allowedTopologies: topologies = [], reclaimPolicy: policy } = object;
  return [
    ...validateProvisioner(object.provisioner, 'provisioner'),
    ...validateParameters(object.parameters, 'parameters', 'fine'),
    ...(policy && !['Delete', 'Retain'].includes(policy)
      ? [notSupported('reclaimPolicy', policy, ['Delete', 'Retain'])]
      : []),
    ...validateEnum(object.volumeBindingMode, 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer']),
    ...validateEach(topologies, 'allowedTopologies', validateTerm),
    ...validateEach(topologies, 'allowedTopologies', (term, at, position) =>
      topologies.slice(0, position).some((other) => semanticEqual(other, term))
        ? [duplicate(child(at, 'matchLabelExpressions'), '')]
        : [],
    ),
  ];
}

/** `ValidateStorageClassUpdate`. */
export function validateStorageClassUpdate(object: Object, old: Object): Findings {
  return [
    ...FIXED.filter((field) => !semanticEqual(object[field], old[field])).map((field) =>
      forbiddenField(field, `updates to ${field} are forbidden.`),
    ),
    ...validateImmutable(object.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'),
  ];
}
