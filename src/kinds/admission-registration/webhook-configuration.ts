import { child, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isDns1035Label, isDns1123Subdomain } from '../../machinery/names.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind, type KindOptions } from '../define-kind.ts';
import { validateEach, validateUnique } from '../each.ts';
import { defined } from '../pod-spec/defined.ts';
import type {
  Draft,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  Sparse,
  ValidatingWebhookConfiguration,
} from '../types.ts';
import { type Findings, validateLabelSelector, validateName } from '../validation.ts';
import { ruleDefaults } from './match-defaults.ts';
import {
  FAILURE_POLICIES,
  MATCH_POLICIES,
  REINVOCATION_POLICIES,
  validateChoice,
  validateMatchConditions,
} from './match-validation.ts';
import { validateRule } from './rule-validation.ts';
import { validateClient } from './webhook-client-validation.ts';

/** Of both kinds; only mutating ones have a reinvocation policy. */
type Webhook = Sparse<MutatingWebhook>;
interface Configuration extends KubernetesObject {
  readonly webhooks?: readonly Webhook[];
}

const WEBHOOKS = 'webhooks';
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function validateFullName(name: string | undefined, path: string): Findings {
  if (!name) return [required(path)];
  const wrong = isDns1123Subdomain(name);
  if (wrong.length > 0) return [invalidValue(path, name, wrong.join(','))];
  const detail = 'should be a domain with at least three segments separated by dots';
  return name.split('.').length < 3 ? [invalidValue(path, name, detail)] : [];
}

function validateReviewVersions(versions: readonly string[], path: string): Findings {
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const known = versions.some((version) => REVIEW_VERSIONS.includes(version));
  const detail = `must include at least one of ${REVIEW_VERSIONS.join(', ')}`;
  return [
    ...validateEach(versions, path, (version, at, position) =>
      versions.indexOf(version) < position
        ? [invalidValue(at, version, 'duplicate version')]
        : validateName(isDns1035Label, version, at),
    ),
    ...(known ? [] : [invalidValue(path, versions, detail)]),
  ];
}

function validateSideEffects(value: string | undefined, path: string): Findings {
  if (value === undefined) return [required(path, `must specify one of ${SIDE_EFFECTS.join(', ')}`)];
  return SIDE_EFFECTS.includes(value) ? [] : [notSupported(path, value, SIDE_EFFECTS)];
}

function validateTimeout(seconds: number | undefined, path: string): Findings {
  if (seconds === undefined || (seconds >= 1 && seconds <= 30)) return [];
  return [invalidValue(path, seconds, 'the timeout value must be between 1 and 30 seconds')];
}

function validateWebhook(hook: Webhook, path: string): Findings {
  return [
    ...validateFullName(hook.name, child(path, 'name')),
    ...validateEach(hook.rules, child(path, 'rules'), validateRule),
    ...validateChoice(hook.failurePolicy, child(path, 'failurePolicy'), FAILURE_POLICIES),
    ...validateChoice(hook.matchPolicy, child(path, 'matchPolicy'), MATCH_POLICIES),
    ...validateSideEffects(hook.sideEffects, child(path, 'sideEffects')),
    ...validateTimeout(hook.timeoutSeconds, child(path, 'timeoutSeconds')),
    ...validateLabelSelector(hook.namespaceSelector, child(path, 'namespaceSelector')),
    ...validateLabelSelector(hook.objectSelector, child(path, 'objectSelector')),
    ...validateChoice(hook.reinvocationPolicy, child(path, 'reinvocationPolicy'), REINVOCATION_POLICIES),
    ...validateClient(hook.clientConfig ?? {}, child(path, 'clientConfig')),
    ...validateMatchConditions(hook.matchConditions, child(path, 'matchConditions')),
    ...validateReviewVersions(hook.admissionReviewVersions ?? [], child(path, 'admissionReviewVersions')),
  ];
}

function validate({ webhooks }: Configuration): Findings {
  return [
    ...validateEach(webhooks, WEBHOOKS, validateWebhook),
    ...validateUnique(webhooks, WEBHOOKS, ({ name = '' }) => name, 'name'),
  ];
}

function webhookDefaults(hook: Webhook): Webhook {
  const { clientConfig: { service, ...client } = {} } = hook;
  return {
    ...hook,
    clientConfig: { ...client, ...defined('service', service && { ...service, port: service.port ?? 443 }) },
    failurePolicy: hook.failurePolicy ?? 'Fail',
    matchPolicy: hook.matchPolicy ?? 'Equivalent',
    namespaceSelector: hook.namespaceSelector ?? {},
    objectSelector: hook.objectSelector ?? {},
    timeoutSeconds: hook.timeoutSeconds ?? 10,
    ...defined('rules', ruleDefaults(hook.rules)),
  };
}

function withWebhooks<T extends Configuration>(object: T, change: (hook: Webhook) => Webhook): T {
  return object.webhooks ? { ...object, webhooks: object.webhooks.map(change) } : object;
}

function configurationKind(kind: string, defaults: (hook: Webhook) => Webhook): KindOptions<Configuration> {
  return {
    group: 'admissionregistration.k8s.io',
    kind,
    requiresVersion: true,
    categories: ['api-extensions'],
    namespaced: false,
    tracksGeneration: true,
    columns: [
      nameColumn,
      column('Webhooks', 'integer', 'How many webhooks it has.', (o) => (o.webhooks ?? []).length),
      ageColumn,
    ],
    defaults: (object) => withWebhooks(object, defaults),
    validate,
    support: { level: 'full', note: 'Webhooks are called, by URL or at a ready pod behind their Service.' },
  };
}

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration. */
export const validatingWebhookConfigurationKind = defineKind<Draft<ValidatingWebhookConfiguration>>(
  configurationKind('ValidatingWebhookConfiguration', webhookDefaults) as KindOptions<
    Draft<ValidatingWebhookConfiguration>
  >,
);

/** admissionregistration.k8s.io/v1 MutatingWebhookConfiguration. */
export const mutatingWebhookConfigurationKind = defineKind<Draft<MutatingWebhookConfiguration>>(
  configurationKind('MutatingWebhookConfiguration', (hook) => ({
    ...webhookDefaults(hook),
    reinvocationPolicy: hook.reinvocationPolicy ?? 'Never',
  })) as KindOptions<Draft<MutatingWebhookConfiguration>>,
);
