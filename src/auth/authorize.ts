import { forbidden, StatusError } from '../machinery/status-error.ts';
import type { Authorizer, RequestAttributes } from './authenticator.ts';

const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;

/** Members of `system:masters` may do everything, everybody may ask for health and version. RBAC joins here. */
export const authorizeMasters: Authorizer = ({ user, path, resource }) => {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
  const open = resource === undefined && PUBLIC_PATHS.test(path);
  return { allowed: open, reason: '' };
};

/** Whether a request without credentials gets as far as the authorizer; all others are 401. */
export function allowsAnonymous(path: string): boolean {
  return PUBLIC_PATHS.test(path);
}

/** The 403 for a denied request, in the words of apiserver's `responsewriters.Forbidden`. */
export function forbiddenRequest(attributes: RequestAttributes, reason: string): StatusError {
  const { user, verb, resource, path } = attributes;
  const because = reason === '' ? '' : `: ${reason}`;
  if (resource === undefined) {
    return forbiddenPath(`forbidden: User "${user.name}" cannot ${verb} path "${path}"${because}`);
  }
  const what = resource.subresource === '' ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const where = resource.namespace === '' ? ' at the cluster scope' : ` in the namespace "${resource.namespace}"`;
  const why = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${resource.group}"${where}${because}`;
  const { group, name } = resource;
  return forbidden({ group, resource: resource.resource, ...(name === '' ? {} : { name }) }, why);
}

/** Requests that are about no resource have their own sentence. */
function forbiddenPath(message: string): StatusError {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...body, message, reason: 'Forbidden', details: {}, code: 403 });
}
