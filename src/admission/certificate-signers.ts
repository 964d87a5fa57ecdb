import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';
import type { CertificateSigningRequest } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { forbidden, type StatusError } from '../machinery/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { rbacLookup } from './rbac-lookup.ts';

/** Somebody who wants to approve or sign what a signer is asked for. */
export interface SignerAccess {
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly verb: 'approve' | 'sign';
  /** A signer's name, or all of a domain: `example.com/*`. */
  readonly signer: string;
}

/** Whether roles and bindings allow an access. */
export type SignerJudge = (access: SignerAccess) => boolean;

const RESOURCE = 'certificates.k8s.io/certificatesigningrequests';

function refusal({ key }: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: 'certificates.k8s.io', resource: 'certificatesigningrequests', name: key.name }, why);
}

function statusOf(
  object: unknown,
): Pick<NonNullable<CertificateSigningRequest['status']>, 'certificate' | 'conditions'> {
  const { certificate, conditions } = (object as CertificateSigningRequest).status ?? {};
  return { certificate, conditions };
}

/** What a write through a subresource amounts to; undefined where it needs no right over the signer. */
function verbOf({ subresource, object, old }: AdmissionRequest): SignerAccess['verb'] | undefined {
  if (subresource === 'approval') return 'approve';
  if (subresource !== 'status' || semanticEqual(statusOf(object), statusOf(old))) return undefined;
  return 'sign';
}

/**
 * Approving and signing need a right over the signer beside the one to write: `approve` or `sign` on the resource
 * `signers` of that name, or of its whole domain. Upstream's CertificateApproval and CertificateSigning.
 */
export function certificateSigners(judgeOver: (lookup: RbacLookup) => SignerJudge): AdmissionPlugin {
  return {
    name: 'CertificateSigners',
    validate: (request, lookup) => {
      const { kind, user, old, operation } = request;
      if (operation !== 'UPDATE' || user === undefined || `${kind.group}/${kind.plural}` !== RESOURCE) return undefined;
      const verb = verbOf(request);
      if (verb === undefined) return undefined;
      const { signerName: signer } = (old as CertificateSigningRequest).spec;
      const domain = `${signer.slice(0, signer.indexOf('/'))}/*`;
      const may = judgeOver(rbacLookup(lookup));
      if ([signer, domain].some((name) => may({ user, verb, signer: name }))) return undefined;
      return refusal(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
    },
  };
}
