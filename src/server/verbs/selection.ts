import type { UserInfo } from '../../auth/authenticator.ts';
import type { ObjectKey } from '../../machinery/object.ts';
import type { Selection } from '../../registry/registry.ts';

/** The namespace part of a selection; nothing when the request is about all namespaces. */
export function inNamespace(key: ObjectKey): Pick<Selection, 'namespace'> {
  return key.namespace === '' ? {} : { namespace: key.namespace };
}

/** Who writes, as the registry takes it. */
export function writerOf(user: UserInfo) {
  return { user };
}

/**
 * The manager name that owns what a request without `fieldManager` writes: the first word of the user agent
 * (`kubectl/v1.32.3 …` → `kubectl`), as apiserver's `managerOrUserAgent` does.
 */
export function managerOf(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager !== undefined) return fieldManager;
  const name = (userAgent ?? '').split('/')[0] ?? '';
  return name.replace(/[^\x20-\x7e]/g, '').slice(0, 128) || 'unknown';
}
