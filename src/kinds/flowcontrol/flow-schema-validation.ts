import { child, forbiddenField, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../machinery/names.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { Draft, FlowSchema } from '../types.ts';
import { type Findings, validateName, validateRequiredName } from '../validation.ts';
import { validateMandatorySchema } from './mandatory.ts';

type Object = Draft<FlowSchema>;
type Spec = NonNullable<Object['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Subject = NonNullable<Rule['subjects']>[number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type UrlRule = NonNullable<Rule['nonResourceRules']>[number];

const MAX_PRECEDENCE = 10_000;
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;
const NAMESPACE_INTRO = "each member of this list must be '*' or a DNS-1123 label; ";

function validatePrecedence({ matchingPrecedence: value = 0 }: Spec, name: string): Findings {
  const field = 'spec.matchingPrecedence';
  const reserved = "only the schema named 'exempt' may have matchingPrecedence 1";
  return [
    ...(value <= 0 ? [invalidValue(field, value, 'must be a positive value')] : []),
    ...(value > MAX_PRECEDENCE ? [invalidValue(field, value, `must not be greater than ${MAX_PRECEDENCE}`)] : []),
    ...(value === 1 && name !== 'exempt' ? [invalidValue(field, value, reserved)] : []),
  ];
}

function validateServiceAccount(account: NonNullable<Subject['serviceAccount']>, path: string): Findings {
  const { name = '', namespace = '' } = account;
  return [
    ...(name === '*' ? [] : validateRequiredName(isDns1123Subdomain, name, child(path, 'name'))),
    ...(namespace === ''
      ? [required(child(path, 'namespace'), 'must specify namespace for service account')]
      : validateName(isDns1123Label, namespace, child(path, 'namespace'))),
  ];
}

function validateSubjectDetail(subject: Subject, kind: keyof typeof SUBJECTS, path: string): Findings {
  const field = SUBJECTS[kind];
  const value = subject[field];
  if (!value) return [required(child(path, field), `${field} is required when subject kind is '${kind}'`)];
  if (kind === 'ServiceAccount') return validateServiceAccount(value, child(path, field));
  return value.name ? [] : [required(child(path, field, 'name'))];
}

function validateSubject(subject: Subject, path: string): Findings {
  const { kind = '' } = subject;
  if (kind !== 'Group' && kind !== 'ServiceAccount' && kind !== 'User') {
    return [notSupported(child(path, 'kind'), kind, Object.keys(SUBJECTS))];
  }
  const others = Object.entries(SUBJECTS).filter(([other, field]) => other !== kind && subject[field] !== undefined);
  return [
    ...validateSubjectDetail(subject, kind, path),
    ...others.map(([other, field]) =>
      forbiddenField(child(path, field), `${field} is forbidden when subject kind is not '${other}'`),
    ),
  ];
}

function validateVerbs(verbs: readonly string[] = [], path: string): Findings {
  if (verbs.length === 0) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes('*')) {
    return verbs.length > 1 ? [invalidValue(path, verbs, "if '*' is present, must not specify other verbs")] : [];
  }
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, verbs, VERBS)];
}

function validateUrl(url: string, path: string): Findings {
  const stars = url.split('*').length - 1;
  const wrong = [
    [url === '', 'must not be empty'],
    [!url.startsWith('/'), 'must start with slash'],
    [url.includes(' '), 'must not contain white-space'],
    [url.includes('//'), 'must not contain double slash'],
    [stars > 1 || (stars === 1 && !url.endsWith('/*')), 'wildcard can only do suffix matching'],
  ] as const;
  const found = wrong.find(([isWrong]) => isWrong);
  return found ? [invalidValue(path, url, found[1])] : [];
}

function validateUrlRule({ verbs, nonResourceURLs: urls = [] }: UrlRule, path: string): Findings {
  const field = child(path, 'nonResourceURLs');
  const verbFindings = validateVerbs(verbs, child(path, 'verbs'));
  if (urls.length === 0) return [...verbFindings, required(field, 'nonResourceURLs must contain at least one value')];
  if (!urls.includes('*')) return [...verbFindings, ...validateEach(urls, field, validateUrl)];
  const detail = "if '*' is present, must not specify other non-resource URLs";
  return [...verbFindings, ...(urls.length > 1 ? [invalidValue(field, urls, detail)] : [])];
}

/** At least one, and nothing beside a wildcard. */
function validateNames(
  names: readonly string[] = [],
  path: string,
  [empty, others]: readonly [string, string],
): Findings {
  if (names.length === 0) return [required(path, `resource rules must supply at least one ${empty}`)];
  const crowded = names.length > 1 && names.includes('*');
  return crowded ? [invalidValue(path, names, `if '*' is present, must not specify other ${others}`)] : [];
}

function validateNamespaces({ namespaces = [], clusterScope = false }: ResourceRule, path: string): Findings {
  if (namespaces.length === 0) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace';
    return clusterScope ? [] : [required(path, detail)];
  }
  if (namespaces.includes('*')) {
    const detail = "if '*' is present, must not specify other namespaces";
    return namespaces.length > 1 ? [invalidValue(path, namespaces, detail)] : [];
  }
  return validateEach(namespaces, path, (each, at) =>
    isDns1123Label(each).map((message) => invalidValue(at, each, `${NAMESPACE_INTRO}${message}`)),
  );
}

function validateResourceRule(rule: ResourceRule, path: string): Findings {
  return [
    ...validateVerbs(rule.verbs, child(path, 'verbs')),
    ...validateNames(rule.apiGroups, child(path, 'apiGroups'), ['api group', 'api groups']),
    ...validateNames(rule.resources, child(path, 'resources'), ['resource', 'resources']),
    ...validateNamespaces(rule, child(path, 'namespaces')),
  ];
}

function validateRule(rule: Rule, path: string): Findings {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  const nothing = resourceRules.length + nonResourceRules.length === 0;
  return [
    ...(subjects.length === 0 ? [required(child(path, 'subjects'), 'subjects must contain at least one value')] : []),
    ...validateEach(subjects, child(path, 'subjects'), validateSubject),
    ...(nothing ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...validateEach(resourceRules, child(path, 'resourceRules'), validateResourceRule),
    ...validateEach(nonResourceRules, child(path, 'nonResourceRules'), validateUrlRule),
  ];
}

/** `ValidateFlowSchemaStatus` and that of priority levels. */
export function validateFlowStatus(
  status: { readonly conditions?: readonly { readonly type?: string }[] } = {},
): Findings {
  const path = 'status.conditions';
  return [
    ...validateUnique(status.conditions, path, (condition) => condition.type ?? '', 'type'),
    ...validateEach(status.conditions, path, ({ type }, at) =>
      type ? [] : [required(child(at, 'type'), 'must not be empty')],
    ),
  ];
}

/** `ValidateFlowSchema`. */
export function validateFlowSchema(schema: Object): Findings {
  const { spec = {}, metadata: { name = '' } = {} } = schema;
  const method = spec.distinguisherMethod;
  const level = spec.priorityLevelConfiguration?.name ?? '';
  const field = 'spec.priorityLevelConfiguration.name';
  return [
    ...validatePrecedence(spec, name),
    ...(method && !DISTINGUISHERS.includes(method.type ?? '')
      ? [notSupported('spec.distinguisherMethod.type', method.type ?? '', DISTINGUISHERS)]
      : []),
    ...(level === ''
      ? [required(field, 'must reference a priority level')]
      : validateName(isDns1123Subdomain, level, field)),
    ...validateEach(spec.rules, 'spec.rules', validateRule),
    ...validateMandatorySchema(name, spec),
    ...validateFlowStatus(schema.status),
  ];
}
