import type { FieldError } from '../../machinery/field-error.ts';
import { invalidValue } from '../../machinery/field-path.ts';
import type { ObjectMeta } from '../../machinery/object.ts';
import type { AccessReview } from './access-review-type.ts';

/** Upstream's rules for what an access review asks: exactly one of the two kinds of attributes. */
function validateAttributes({ spec = {} }: AccessReview): readonly FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalidValue('spec.nonResourceAttributes', nonResourceAttributes, why)];
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return [];
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalidValue('spec.resourceAttributes', null, why)];
}

function validateMeta({ metadata = {} }: AccessReview, allowed: keyof ObjectMeta | undefined): readonly FieldError[] {
  const { managedFields: _, ...rest } = metadata;
  const stray = Object.keys(rest).some((field) => field !== allowed);
  return stray ? [invalidValue('metadata', metadata, 'must be empty')] : [];
}

/** `ValidateSelfSubjectAccessReview`. */
export function validateSelfReview(review: AccessReview): readonly FieldError[] {
  return [...validateAttributes(review), ...validateMeta(review, undefined)];
}

function validateSubject({ spec = {} }: AccessReview): readonly FieldError[] {
  if (spec.user || (spec.groups ?? []).length > 0) return [];
  return [invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified')];
}

/** `ValidateSubjectAccessReview`. */
export function validateSubjectReview(review: AccessReview): readonly FieldError[] {
  return [...validateAttributes(review), ...validateSubject(review), ...validateMeta(review, undefined)];
}

/** `ValidateLocalSubjectAccessReview`; `namespace` is the request's. */
export function validateLocalReview(review: AccessReview, namespace: string): readonly FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = review.spec ?? {};
  const asked = resourceAttributes?.namespace ?? '';
  return [
    ...validateAttributes(review),
    ...validateSubject(review),
    ...validateMeta(review, 'namespace'),
    ...(resourceAttributes !== undefined && asked !== namespace
      ? [invalidValue('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')]
      : []),
    ...(nonResourceAttributes !== undefined
      ? [invalidValue('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request')]
      : []),
  ];
}
