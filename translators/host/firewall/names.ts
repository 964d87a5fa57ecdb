import { fnv1a64 } from '../../../src/machinery/fnv.ts';
import { NFT_NAME_LIMIT } from '../../formats/nft-table.ts';

/** What nft may be given unquoted as a name. Kubernetes' own rules for names are within it. */
const SAFE = /^[A-Za-z0-9._/-]*$/;

/** Longest name of a namespace (RFC 1123 label). */
const NAMESPACE_LIMIT = 63;

/**
 * The name of a set or chain: `<prefix>-<namespace>/<rest>`. Of one that is too long, or that nft would read as something
 * else, the rest becomes a hash: names of different namespaces never meet.
 */
export function nftName(prefix: string, namespace: string, rest: string): string {
  const name = `${prefix}-${namespace}/${rest}`;
  if (name.length <= NFT_NAME_LIMIT && SAFE.test(name)) return name;
  const readable = SAFE.test(namespace) && namespace.length <= NAMESPACE_LIMIT ? namespace : fnv1a64(namespace);
  return `${prefix}-${readable}/${fnv1a64(`${namespace}/${rest}`)}`;
}
