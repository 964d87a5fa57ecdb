import type { X509Certificate } from 'node:crypto';
import type { UserInfo } from './authenticator.ts';

/** What a request brings along to say who sends it. */
export interface Credentials {
  /** The client's certificate, present only when TLS has verified it against our authority. */
  readonly certificate?: X509Certificate;
  /** The `Authorization` header. */
  readonly authorization?: string;
}

/**
 * Establishes who sends a request: undefined when the credentials say nothing to this authenticator.
 * Rejects with `unauthorized()` when they are meant for it and wrong.
 */
export type Authenticator = (credentials: Credentials) => UserInfo | undefined | Promise<UserInfo | undefined>;

/** Who sends a request without credentials. */
export const ANONYMOUS: UserInfo = {
  name: 'system:anonymous',
  uid: '',
  groups: ['system:unauthenticated'],
  extra: {},
};

/** Client certificates: CN is the user, each O a group (Kubernetes' "X509 client certificates"). */
export function authenticateCertificate({ certificate }: Credentials): UserInfo | undefined {
  if (certificate === undefined) return undefined;
  const subject = parseSubject(certificate.subject);
  const name = subject.find(([key]) => key === 'CN')?.[1] ?? '';
  if (name === '') return undefined;
  const groups = subject.filter(([key]) => key === 'O').map(([, value]) => value);
  return { name, uid: '', groups: [...new Set([...groups, 'system:authenticated'])], extra: {} };
}

/** Asks each authenticator in turn; the first answer counts. */
export function firstOf(authenticators: readonly Authenticator[]): Authenticator {
  return async (credentials) => {
    for (const authenticate of authenticators) {
      const user = await authenticate(credentials);
      if (user !== undefined) return user;
    }
    return undefined;
  };
}

/** Node prints a subject as one `KEY=value` per line, with backslash escapes inside values. */
function parseSubject(subject: string): readonly (readonly [string, string])[] {
  return subject.split(/\n|(?<!\\)\+/).map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at).trim(), unescapeValue(line.slice(at + 1))] as const;
  });
}

function unescapeValue(value: string): string {
  return value.replace(/\\([0-9A-Fa-f]{2})|\\(.)/g, (_, hex: string | undefined, plain: string | undefined) =>
    hex === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
