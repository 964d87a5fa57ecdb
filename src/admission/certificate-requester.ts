import type { CertificateSigningRequest } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { type AdmissionPlugin, isAbout } from './plugin.ts';

interface Requester {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: { readonly [key: string]: readonly string[] };
}

/** Who asks for a certificate is who sent the request, whatever the body says. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  mutate: (request): KubernetesObject => {
    const { operation, object, user } = request;
    if (operation !== 'CREATE' || !isAbout(request, 'certificates.k8s.io/certificatesigningrequests')) return object;
    if (user === undefined) return object;
    const { name, groups, uid, extra }: Requester = user;
    const { username: _, uid: __, groups: ___, extra: ____, ...spec } = (object as CertificateSigningRequest).spec;
    const known = { username: name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
    return { ...object, spec: { ...spec, ...known } } as KubernetesObject;
  },
};
