import type { TokenKey } from './json-web-token.ts';

/** Path of the key set below the API server. */
export const JWKS_PATH = '/openid/v1/jwks';

/** Path of the OpenID Connect discovery document. */
export const OPENID_CONFIGURATION_PATH = '/.well-known/openid-configuration';

/** The discovery document with which others verify our tokens (Kubernetes' "ServiceAccount issuer discovery"). */
export function openIdConfiguration(issuer: string, server: string): object {
  return {
    issuer,
    jwks_uri: `${server}${JWKS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

/** The key set, served as `application/jwk-set+json`. */
export function jsonWebKeySet(keys: readonly TokenKey[]): object {
  return { keys: keys.map((key) => key.jwk) };
}
