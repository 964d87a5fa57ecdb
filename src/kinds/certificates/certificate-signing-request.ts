import { humanDuration } from '../../machinery/time.ts';
import { ageColumn, column, nameColumn, orElse } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { WriteContext } from '../definition.ts';
import type { CertificateSigningRequest, Draft } from '../types.ts';
import {
  validateSigningRequest,
  validateSigningRequestStatus,
  validateSigningRequestUpdate,
} from './certificate-signing-request-validation.ts';

type Object = Draft<CertificateSigningRequest>;

function requestedDuration(request: Object): string {
  const seconds = request.spec?.expirationSeconds;
  return seconds === undefined ? '<none>' : humanDuration(seconds * 1000);
}

/** `Approved,Issued` and the like. */
function condition(request: Object): string {
  const has = (type: string) => (request.status?.conditions ?? []).some((each) => each.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  const issued = request.status?.certificate ? ',Issued' : '';
  return `${decision}${has('Failed') ? ',Failed' : ''}${issued}`;
}

/** A request is what it was when it was made. */
function keepSpec(request: Object, old: Object, _context: WriteContext): Object {
  return { ...request, ...(old.spec ? { spec: old.spec } : {}) };
}

/** certificates.k8s.io/v1 CertificateSigningRequest. Who asks is filled in by admission. */
export const certificateSigningRequestKind = defineKind<Object>({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  shortNames: ['csr'],
  namespaced: false,
  hasStatus: true,
  nameRule: 'path-segment',
  subresources: [{ name: 'approval', verbs: ['get', 'patch', 'update'] }],
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', 'string', 'Who shall sign it.', (o) => orElse(o.spec?.signerName, '<none>')),
    column('Requestor', 'string', 'Who asked for it.', (o) => o.spec?.username ?? ''),
    column('RequestedDuration', 'string', 'How long it shall be valid.', requestedDuration),
    column('Condition', 'string', 'How far it is.', condition),
  ],
  selectableFields: { 'spec.signerName': (o) => o.spec?.signerName ?? '' },
  prepareForUpdate: keepSpec,
  validate: validateSigningRequest,
  validateUpdate: validateSigningRequestUpdate,
  validateThrough: { status: validateSigningRequestStatus },
  support: { level: 'full', note: 'Approved and denied by hand; client and kubelet certificates are signed.' },
});
