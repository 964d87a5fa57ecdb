import { defineKind } from './define-kind.ts';

const GROUP = 'authentication.k8s.io';
const SUPPORT = { level: 'full', note: 'Answered by the authenticators; never stored.' } as const;

/** authentication.k8s.io/v1 TokenReview. */
export const tokenReviewKind = defineKind({
  group: GROUP,
  kind: 'TokenReview',
  namespaced: false,
  verbs: ['create'],
  virtual: true,
  support: SUPPORT,
});

/** authentication.k8s.io/v1 SelfSubjectReview. */
export const selfSubjectReviewKind = defineKind({
  group: GROUP,
  kind: 'SelfSubjectReview',
  namespaced: false,
  verbs: ['create'],
  virtual: true,
  support: SUPPORT,
});
