import { child, forbiddenField, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1123Subdomain, validateLabelKey } from '../../machinery/names.ts';
import { validateEach } from '../each.ts';
import type { NodeSelector, Sparse } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';

type Term = NonNullable<Sparse<NodeSelector>['nodeSelectorTerms']>[number];
type Requirement = NonNullable<Term['matchExpressions']>[number];

function validateRequirement({ key = '', operator = '', values = [] }: Requirement, path: string): Findings {
  const field = child(path, 'values');
  const name = validateLabelKey(key, child(path, 'key'));
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return name;
      return [required(field, "must be specified when `operator` is 'In' or 'NotIn'"), ...name];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return name;
      return [forbiddenField(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"), ...name];
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return name;
      return [required(field, "must be specified single value when `operator` is 'Lt' or 'Gt'"), ...name];
    default:
      return [invalidValue(child(path, 'operator'), operator, 'not a valid selector operator'), ...name];
  }
}

/** Of a node's fields, only its name can be asked for. */
function validateFieldRequirement({ key = '', operator = '', values = [] }: Requirement, path: string): Findings {
  const field = child(path, 'values');
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
  const known = operator === 'In' || operator === 'NotIn';
  return [
    ...(known ? [] : [invalidValue(child(path, 'operator'), operator, 'not a valid selector operator')]),
    ...(known && values.length !== 1 ? [required(field, one)] : []),
    ...(key === 'metadata.name'
      ? validateEach(values, field, (value, at) => validateName(isDns1123Subdomain, value, at))
      : [invalidValue(child(path, 'key'), key, 'not a valid field selector key')]),
  ];
}

/** `ValidateNodeSelectorTerm`. */
export function validateNodeSelectorTerm(term: Term, path: string): Findings {
  return [
    ...validateEach(term.matchExpressions, child(path, 'matchExpressions'), validateRequirement),
    ...validateEach(term.matchFields, child(path, 'matchFields'), validateFieldRequirement),
  ];
}

/** `ValidateNodeSelector`. */
export function validateNodeSelector(selector: Sparse<NodeSelector>, path: string): Findings {
  const field = child(path, 'nodeSelectorTerms');
  const { nodeSelectorTerms: terms = [] } = selector;
  if (terms.length === 0) return [required(field, 'must have at least one node selector term')];
  return validateEach(terms, field, validateNodeSelectorTerm);
}
