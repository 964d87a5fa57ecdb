import { defineKind } from './define-kind.ts';
import type { KindDefinition } from './definition.ts';

const SUPPORT = { level: 'full', note: 'Answered from the roles in force; never stored.' } as const;

/** Questions about permissions: created, answered and forgotten. */
function review(kind: string, namespaced = false): KindDefinition {
  return defineKind({
    group: 'authorization.k8s.io',
    kind,
    namespaced,
    verbs: ['create'],
    virtual: true,
    support: SUPPORT,
  });
}

/** authorization.k8s.io/v1 SubjectAccessReview. */
export const subjectAccessReviewKind = review('SubjectAccessReview');

/** authorization.k8s.io/v1 LocalSubjectAccessReview. */
export const localSubjectAccessReviewKind = review('LocalSubjectAccessReview', true);

/** authorization.k8s.io/v1 SelfSubjectAccessReview. */
export const selfSubjectAccessReviewKind = review('SelfSubjectAccessReview');

/** authorization.k8s.io/v1 SelfSubjectRulesReview. */
export const selfSubjectRulesReviewKind = review('SelfSubjectRulesReview');
