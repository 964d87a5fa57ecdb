import { child, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isPathSegment } from '../../machinery/names.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { RuleWithOperations, Sparse } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';

type Rule = Sparse<RuleWithOperations>;

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** At least one, and a wildcard stands alone. */
function validateList(items: readonly string[], path: string, what: string): Findings {
  if (items.length === 0) return [required(path)];
  const crowded = items.length > 1 && items.includes('*');
  return crowded ? [invalidValue(path, items, `if '*' is present, must not specify other ${what}`)] : [];
}

/** A wildcard for all subresources of a resource, or for a subresource of all, says it all. */
function validateCovered(resources: readonly string[], path: string): Findings {
  const wild = new Set<string>();
  return validateEach(resources, path, (resource, at) => {
    const [name = '', sub] = resource.split('/', 2);
    if (sub === undefined) return [];
    const covering = [`${name}/*`, `*/${sub}`].filter((each) => wild.has(each));
    if (sub === '*' || name === '*') wild.add(resource);
    return covering.map((each) => invalidValue(at, resource, `if '${each}' is present, must not specify ${resource}`));
  });
}

function validateResources(resources: readonly string[], path: string): Findings {
  const plain = resources.some((resource) => resource !== '*' && !resource.includes('/'));
  const alone = "if '*/*' is present, must not specify other resources";
  const besides = "if '*' is present, must not specify other resources without subresources";
  return [
    ...(resources.length === 0 ? [required(path)] : []),
    ...validateEach(resources, path, (resource, at) => (resource === '' ? [required(at)] : [])),
    ...validateCovered(resources, path),
    ...(resources.length > 1 && resources.includes('*/*') ? [invalidValue(path, resources, alone)] : []),
    ...(resources.includes('*') && plain ? [invalidValue(path, resources, besides)] : []),
  ];
}

/** `validateRuleWithOperations`. */
export function validateRule(rule: Rule, path: string): Findings {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const versions = child(path, 'apiVersions');
  return [
    ...validateList(operations, child(path, 'operations'), 'operations'),
    ...validateEach(operations, child(path, 'operations'), (operation, at) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(at, operation, OPERATIONS)],
    ),
    ...validateList(apiGroups, child(path, 'apiGroups'), 'API groups'),
    ...validateList(apiVersions, versions, 'API versions'),
    ...apiVersions.flatMap((version, at) => (version === '' ? [required(index(versions, at))] : [])),
    ...validateResources(resources, child(path, 'resources')),
    ...(scope !== undefined && !SCOPES.includes(scope) ? [notSupported(child(path, 'scope'), scope, SCOPES)] : []),
  ];
}

/** `validateNamedRuleWithOperations`: a rule that may be about some names only. */
export function validateNamedRule(rule: Rule & { readonly resourceNames?: readonly string[] }, path: string): Findings {
  const names = child(path, 'resourceNames');
  return [
    ...validateEach(rule.resourceNames, names, (name, at) => validateName(isPathSegment, name, at)),
    ...validateUnique(rule.resourceNames, names, (name) => name),
    ...validateRule(rule, path),
  ];
}
