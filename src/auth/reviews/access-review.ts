import type { FieldError } from '../../machinery/field-error.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { badRequest, invalid } from '../../machinery/status-error.ts';
import type { Authorizer, RequestAttributes, UserInfo } from '../authenticator.ts';
import type { AccessReview } from './access-review-type.ts';
import { validateLocalReview, validateSelfReview, validateSubjectReview } from './access-review-validation.ts';
import type { ReviewCall, ReviewHandler } from './review-handler.ts';

const GROUP = 'authorization.k8s.io';

function attributesOf(user: UserInfo, { spec = {} }: AccessReview): RequestAttributes {
  const { resourceAttributes: asked, nonResourceAttributes } = spec;
  if (asked === undefined) {
    const { verb = '', path = '' } = nonResourceAttributes ?? {};
    return { user, verb, path };
  }
  const { group = '', version, resource = '', subresource = '', namespace = '', name = '' } = asked;
  return {
    user,
    verb: asked.verb ?? '',
    path: '',
    resource: { group, version: version || '*', resource, subresource, namespace, name },
  };
}

function subjectOf({ spec = {} }: AccessReview): UserInfo {
  return { name: spec.user ?? '', uid: spec.uid ?? '', groups: spec.groups ?? [], extra: spec.extra ?? {} };
}

function answer(kind: string, review: AccessReview, authorize: Authorizer, user: UserInfo): KubernetesObject {
  const { allowed, reason } = authorize(attributesOf(user, review));
  const status = { allowed, ...(reason === '' ? {} : { reason }) };
  const metadata = review.metadata ?? {};
  return { kind, apiVersion: `${GROUP}/v1`, metadata, spec: review.spec ?? {}, status } as KubernetesObject;
}

function read(call: ReviewCall, kind: string, validate: (review: AccessReview) => readonly FieldError[]): AccessReview {
  const review: AccessReview = call.object;
  const errors = validate(review);
  if (errors.length > 0) throw invalid({ group: GROUP, resource: kind, name: '' }, errors);
  return review;
}

/** May somebody do something? */
export function subjectAccessReview(authorize: Authorizer): ReviewHandler {
  const kind = 'SubjectAccessReview';
  return async (call) => {
    const review = read(call, kind, validateSubjectReview);
    return { object: answer(kind, review, authorize, subjectOf(review)) };
  };
}

/** May somebody do something in this namespace? Administrators of a namespace may ask it. */
export function localSubjectAccessReview(authorize: Authorizer): ReviewHandler {
  const kind = 'LocalSubjectAccessReview';
  return async (call) => {
    const { namespace } = call;
    const review = read(call, kind, (each) => validateLocalReview(each, namespace));
    if ((review.metadata?.namespace ?? namespace) !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    const placed = { ...review, metadata: { ...review.metadata, namespace } };
    return { object: answer(kind, placed, authorize, subjectOf(review)) };
  };
}

/** May I do something? */
export function selfSubjectAccessReview(authorize: Authorizer): ReviewHandler {
  const kind = 'SelfSubjectAccessReview';
  return async (call) => {
    const review = read(call, kind, validateSelfReview);
    return { object: answer(kind, review, authorize, call.user) };
  };
}
