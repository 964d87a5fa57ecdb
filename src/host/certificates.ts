import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What is wrong with a chain (leaf first) and its key, in words; undefined when they fit and, if `now` is given, are in time. */
export function whyUnfit(chain: readonly string[], key: string, now?: Date): string | undefined {
  try {
    const [leaf] = chain.map((pem) => new X509Certificate(pem));
    if (leaf === undefined) return 'there is no certificate';
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return 'the key does not belong to the certificate';
    return now !== undefined && leaf.validToDate < now ? `the certificate expired at ${leaf.validTo}` : undefined;
  } catch {
    return 'the certificate or its key cannot be read';
  }
}

/** What is wrong with certificates of authorities; undefined when they can be read. */
export function whyUnreadable(certificates: readonly string[]): string | undefined {
  try {
    for (const pem of certificates) new X509Certificate(pem);
    return undefined;
  } catch {
    return 'the certificate cannot be read';
  }
}
