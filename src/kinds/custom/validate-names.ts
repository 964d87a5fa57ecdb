import { child, index, invalidValue } from '../../machinery/field-path.ts';
import { isDns1035Label } from '../../machinery/names.ts';
import type { Findings } from '../validation.ts';
import type { CustomNames } from './types.ts';

function validateLabel(value: string, path: string): Findings {
  const wrong = value === '' ? [] : isDns1035Label(value);
  return wrong.length === 0 ? [] : [invalidValue(path, value, wrong.join(','))];
}

function validateKind(kind: string, path: string): Findings {
  const wrong = kind === '' ? [] : isDns1035Label(kind.toLowerCase());
  if (wrong.length === 0) return [];
  return [invalidValue(path, kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`)];
}

/** `ValidateCustomResourceDefinitionNames`. */
export function validateNames(names: CustomNames, path: string): Findings {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names;
  const same = kind !== '' && kind === listKind;
  const labels = (list: readonly string[], field: string): Findings =>
    list.flatMap((each, position) => {
      const wrong = isDns1035Label(each);
      return wrong.length === 0 ? [] : [invalidValue(index(child(path, field), position), each, wrong.join(','))];
    });
  return [
    ...validateLabel(plural, child(path, 'plural')),
    ...validateLabel(singular, child(path, 'singular')),
    ...validateKind(kind, child(path, 'kind')),
    ...validateKind(listKind, child(path, 'listKind')),
    ...labels(shortNames, 'shortNames'),
    ...(same ? [invalidValue(child(path, 'listKind'), listKind, 'kind and listKind may not be the same')] : []),
    ...labels(categories, 'categories'),
  ];
}
