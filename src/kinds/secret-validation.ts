import { invalidValue, key, required, tooLong } from '../machinery/field-path.ts';
import { isConfigMapKey } from '../machinery/names.ts';
import { decodeBase64Text, decodedLength } from './base64.ts';
import { MAX_DATA_BYTES, validateImmutableData } from './data-validation.ts';
import type { Draft, Secret } from './types.ts';
import { type Findings, validateImmutable, validateName } from './validation.ts';

type Object = Draft<Secret>;
type Data = NonNullable<Object['data']>;

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const REDACTED = '<secret contents redacted>';

function requireKey(data: Data, name: string): Findings {
  return Object.hasOwn(data, name) ? [] : [required(key('data', name))];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

function requireJson(data: Data, name: string): Findings {
  const encoded = Object.hasOwn(data, name) ? data[name] : undefined;
  if (encoded === undefined) return [required(key('data', name))];
  const text = decodeBase64Text(encoded);
  if (text !== undefined && isJsonObject(text)) return [];
  const detail = text === '' ? 'unexpected end of JSON input' : 'invalid character in JSON';
  return [invalidValue(key('data', name), REDACTED, detail)];
}

function requireAccount(secret: Object): Findings {
  const account = secret.metadata?.annotations?.[ACCOUNT_NAME];
  return account ? [] : [required(key('metadata.annotations', ACCOUNT_NAME))];
}

/** What each well-known type asks for. */
function validateType(secret: Object, data: Data): Findings {
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return requireAccount(secret);
    case 'kubernetes.io/dockercfg':
      return requireJson(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return requireJson(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth': {
      const missing = [...requireKey(data, 'username'), ...requireKey(data, 'password')];
      return missing.length === 2 ? missing : [];
    }
    case 'kubernetes.io/ssh-auth':
      return requireKey(data, 'ssh-privatekey');
    case 'kubernetes.io/tls':
      return [...requireKey(data, 'tls.crt'), ...requireKey(data, 'tls.key')];
    default:
      return [];
  }
}

/** `ValidateSecret`. */
export function validateSecret(secret: Object): Findings {
  const data = secret.data ?? {};
  const size = Object.values(data).reduce((sum, value) => sum + decodedLength(value ?? ''), 0);
  return [
    ...Object.keys(data).flatMap((name) => validateName(isConfigMapKey, name, key('data', name))),
    ...(size > MAX_DATA_BYTES ? [tooLong('data', MAX_DATA_BYTES)] : []),
    ...validateType(secret, data),
  ];
}

/** `ValidateSecretUpdate`. */
export function validateSecretUpdate(secret: Object, old: Object): Findings {
  return [...validateImmutable(secret.type, old.type, 'type'), ...validateImmutableData(secret, old, ['data'])];
}
