import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { badRequest } from '../../machinery/status-error.ts';
import type { UserInfo } from '../authenticator.ts';
import { aggregateErrors, rulesFor } from '../rbac/effective-rules.ts';
import { MASTERS } from '../rbac/rbac-authorizer.ts';
import type { ReviewHandler } from './review-handler.ts';

interface RulesReview extends KubernetesObject {
  readonly spec?: { readonly namespace?: string };
}

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function resourceRule({ verbs = [], apiGroups, resources, resourceNames }: PolicyRule): object {
  return {
    verbs,
    ...(apiGroups && { apiGroups }),
    ...(resources && { resources }),
    ...(resourceNames && { resourceNames }),
  };
}

function statusOf(lookup: RbacLookup, user: UserInfo, namespace: string): object {
  const { rules, errors } = rulesFor(lookup, user, namespace);
  // Masters hold everything without a binding; where the default one exists, it isn't said twice.
  const implied = user.groups.includes(MASTERS) && !rules.some((rule) => rule.resources?.includes('*'));
  const all = implied ? [...EVERYTHING, ...rules] : rules;
  return {
    resourceRules: all.filter((rule) => (rule.resources ?? []).length > 0).map(resourceRule),
    nonResourceRules: all
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map(({ verbs = [], nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: errors.length > 0,
    ...(errors.length === 0 ? {} : { evaluationError: aggregateErrors(errors) }),
  };
}

/** What may I do in a namespace? Behind `kubectl auth can-i --list`. */
export function selfSubjectRulesReview(lookup: RbacLookup): ReviewHandler {
  const kind = 'SelfSubjectRulesReview';
  return async ({ object: review, user }) => {
    const namespace = (review as RulesReview).spec?.namespace ?? '';
    if (namespace === '') throw badRequest('no namespace on request');
    const status = statusOf(lookup, user, namespace);
    const object = { kind, apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: { namespace }, status };
    return { object };
  };
}
