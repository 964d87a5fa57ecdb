import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Credentials } from '../auth/authenticate.ts';

/** Certificates by connection: reading one costs more than many a request. */
export type CertificateCache = WeakMap<object, X509Certificate | undefined>;

/** What the connection and the `Authorization` header say about the sender. */
export function credentialsOf(
  socket: TLSSocket,
  authorization: string | undefined,
  cache: CertificateCache,
): Credentials {
  if (!cache.has(socket)) cache.set(socket, socket.authorized ? socket.getPeerX509Certificate() : undefined);
  const certificate = cache.get(socket);
  return {
    ...(certificate === undefined ? {} : { certificate }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}
