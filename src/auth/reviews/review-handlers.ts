import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { Authorizer } from '../authenticator.ts';
import type { TokenJudge } from '../tokens/token-authenticator.ts';
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './access-review.ts';
import type { ReviewHandlers } from './review-handler.ts';
import { selfSubjectRulesReview } from './rules-review.ts';
import { selfSubjectReview, tokenReview } from './user-review.ts';

/** What the reviews are answered from. */
export interface ReviewOptions {
  readonly authorize: Authorizer;
  readonly lookup: RbacLookup;
  readonly judge: TokenJudge;
  /** Audiences of the API server itself. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Handlers of every review kind. */
export function createReviewHandlers({ authorize, lookup, judge, audiences, clock }: ReviewOptions): ReviewHandlers {
  return {
    'authentication.k8s.io/selfsubjectreviews': selfSubjectReview(clock),
    'authentication.k8s.io/tokenreviews': tokenReview(judge, audiences),
    'authorization.k8s.io/localsubjectaccessreviews': localSubjectAccessReview(authorize),
    'authorization.k8s.io/selfsubjectaccessreviews': selfSubjectAccessReview(authorize),
    'authorization.k8s.io/selfsubjectrulesreviews': selfSubjectRulesReview(lookup),
    'authorization.k8s.io/subjectaccessreviews': subjectAccessReview(authorize),
  };
}
