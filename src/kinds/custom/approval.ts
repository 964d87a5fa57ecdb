import { goQuote } from '../../machinery/go-format.ts';

/** The annotation in which groups of Kubernetes itself say who approved the API. */
export const APPROVED_ANNOTATION = 'api-approved.kubernetes.io';

/** How a CustomResourceDefinition of a protected group stands; `reason` is upstream's sentence. */
export interface Approval {
  readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid';
  readonly reason: string;
}

/** Whether a group belongs to the Kubernetes community. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** `GetAPIApprovalState`. */
export function approvalOf(annotations: { readonly [name: string]: string } | undefined): Approval {
  const annotation = annotations?.[APPROVED_ANNOTATION] ?? '';
  const name = goQuote(APPROVED_ANNOTATION);
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (annotation === '') {
    return { state: 'missing', reason: `protected groups must have approval annotation ${name}, ${see}` };
  }
  if (annotation.startsWith('unapproved')) {
    return { state: 'bypassed', reason: `not approved: ${goQuote(annotation)}` };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+\S*$/i.test(annotation)) {
    return { state: 'approved', reason: `approved in ${annotation}` };
  }
  const wanted = `with either a URL or a reason starting with "unapproved", ${see}`;
  return { state: 'invalid', reason: `protected groups must have approval annotation ${name} ${wanted}` };
}
