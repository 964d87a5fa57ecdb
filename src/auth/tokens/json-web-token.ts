import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Signs and verifies JSON Web Tokens with one ECDSA P-256 key (ES256, RFC 7515 and 7518). */
export interface TokenKey {
  /** What `kid` says: the hash of the public key, as upstream makes it. */
  readonly id: string;
  sign(claims: object): string;
  /** The claims of a token that this key has signed; undefined for any other text. Says nothing about its times. */
  verify(token: string): { readonly [claim: string]: unknown } | undefined;
  /** The public key as a JSON Web Key (RFC 7517). */
  readonly jwk: { readonly [field: string]: unknown };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}

function keyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url');
}

/** Makes the key from its PEM texts. */
export function createTokenKey(pem: { readonly publicKey: string; readonly privateKey: string }): TokenKey {
  const privateKey = createPrivateKey(pem.privateKey);
  const publicKey = createPublicKey(pem.publicKey);
  const id = keyId(publicKey);
  const header = encode({ alg: 'ES256', kid: id });
  return {
    id,
    sign: (claims) => {
      const body = `${header}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${body}.${signature.toString('base64url')}`;
    },
    verify: (token) => {
      const [head = '', claims = '', signature = '', ...rest] = token.split('.');
      if (rest.length > 0 || decode(head)?.alg !== 'ES256') return undefined;
      const proof = Buffer.from(signature, 'base64url');
      const signed = Buffer.from(`${head}.${claims}`);
      return verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, proof)
        ? decode(claims)
        : undefined;
    },
    jwk: { use: 'sig', ...publicKey.export({ format: 'jwk' }), kid: id, alg: 'ES256' },
  };
}
