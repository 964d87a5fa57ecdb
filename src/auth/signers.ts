/** What a certificate is asked for, as far as signers look at it. */
export interface CertificateWish {
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly organizations: readonly string[];
  readonly commonName: string;
  /** Kinds of the subject alternative names: `dns`, `ip`, `email`, `url`. */
  readonly alternatives: readonly string[];
}

type Rule = (wish: CertificateWish) => string | undefined;

const NODES = 'system:nodes';
const NODE = 'system:node:';
const MASTERS = 'system:masters';

/** Signers that we are, with why each refuses a wish (upstream's sentences); undefined when it doesn't. */
const SIGNERS: { readonly [signerName: string]: Rule } = {
  'kubernetes.io/kube-apiserver-client': (wish) => refusalForClient(wish.usages) ?? refusalForMasters(wish),
  'kubernetes.io/kube-apiserver-client-kubelet': (wish) =>
    refusalForNode(wish) ??
    refusalForNames(wish, ['dns', 'email', 'ip', 'url']) ??
    refusalForUsages(wish, 'client auth'),
  'kubernetes.io/kubelet-serving': (wish) =>
    refusalForNode(wish) ??
    (wish.alternatives.some((type) => type === 'dns' || type === 'ip')
      ? undefined
      : 'DNS or IP subjectAltName is required') ??
    refusalForNames(wish, ['email', 'url']) ??
    refusalForUsages(wish, 'server auth'),
};

/** Whether a signer is one of ours. */
export function isOurSigner(signerName: string): boolean {
  return Object.hasOwn(SIGNERS, signerName);
}

/** Why our signer of that name doesn't sign this; undefined when it does. */
export function refusalOf(wish: CertificateWish): string | undefined {
  return Object.hasOwn(SIGNERS, wish.signerName) ? SIGNERS[wish.signerName]?.(wish) : undefined;
}

function refusalForClient(usages: readonly string[]): string | undefined {
  const foreign = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (foreign !== undefined) return `invalid usage for client certificate: ${foreign}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Nobody gets past authorization for good by a certificate. */
function refusalForMasters({ signerName, organizations }: CertificateWish): string | undefined {
  return organizations.includes(MASTERS)
    ? `use of ${signerName} signer with ${MASTERS} group is not allowed`
    : undefined;
}

function refusalForNode({ organizations, commonName }: CertificateWish): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== NODES) return `subject organization is not ${NODES}`;
  return commonName.startsWith(NODE) ? undefined : `subject common name does not begin with ${NODE}`;
}

const SHOWN: { readonly [type: string]: string } = { dns: 'DNS', email: 'Email', ip: 'IP', url: 'URI' };

function refusalForNames({ alternatives }: CertificateWish, refused: readonly string[]): string | undefined {
  const found = refused.find((type) => alternatives.includes(type));
  return found === undefined ? undefined : `${SHOWN[found]} subjectAltNames are not allowed`;
}

/** Keys that aren't RSA ones need no encipherment. */
function refusalForUsages({ usages }: CertificateWish, purpose: string): string | undefined {
  const required = ['digital signature', 'key encipherment', purpose].sort();
  const given = [...new Set([...usages, 'key encipherment'])].sort();
  return given.join() === required.join() ? undefined : `usages did not match [${required.join(' ')}]`;
}
