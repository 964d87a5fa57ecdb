import { organizationsOf } from '../kinds/certificates/request-organizations.ts';
import type { CertificateSigningRequest } from '../kinds/types.ts';
import { forbidden } from '../machinery/status-error.ts';
import { type AdmissionPlugin, isAbout } from './plugin.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

/** Nobody asks for a certificate that authorization would never refuse: upstream's CertificateSubjectRestriction. */
export const certificateSubjects: AdmissionPlugin = {
  name: 'CertificateSubjects',
  validate: (request) => {
    const { operation, object, key } = request;
    if (operation !== 'CREATE' || !isAbout(request, 'certificates.k8s.io/certificatesigningrequests')) return undefined;
    const { signerName, request: pem = '' } = (object as CertificateSigningRequest).spec;
    if (signerName !== SIGNER || !organizationsOf(pem)?.includes(MASTERS)) return undefined;
    const resource = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', name: key.name };
    return forbidden(resource, `use of ${SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};
