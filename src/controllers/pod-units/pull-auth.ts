import { Buffer } from 'node:buffer';
import type { Pod, Secret } from '../../kinds/types.ts';

/** Name and password for a registry. */
export interface PullAuth {
  readonly username: string;
  readonly password: string;
}

interface DockerAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

const DOCKER_HUB = 'docker.io';

/** The registry and path of an image reference; a bare name is Docker Hub's. */
function repositoryOf(image: string): string {
  const path = image.split('@')[0] ?? '';
  const first = path.split('/')[0] ?? '';
  const hasHost = path.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return hasHost ? path : `${DOCKER_HUB}/${path}`;
}

/** `https://index.docker.io/v1/` and the like → `docker.io`. */
function normalizedHost(host: string): string {
  const bare = host
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');
  return bare === 'index.docker.io' || bare === 'registry-1.docker.io' ? DOCKER_HUB : bare;
}

function toAuth({ username, password, auth }: DockerAuth): PullAuth | undefined {
  if (username !== undefined && password !== undefined) return { username, password };
  const [name, ...rest] = Buffer.from(auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return name && rest.length > 0 ? { username: name, password: rest.join(':') } : undefined;
}

function authsOf({ type, data }: Secret): { readonly [host: string]: DockerAuth } {
  const isConfig = type === 'kubernetes.io/dockerconfigjson';
  const encoded = isConfig ? data?.['.dockerconfigjson'] : data?.['.dockercfg'];
  if (encoded === undefined) return {};
  try {
    const parsed = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { auths?: object };
    return ((isConfig ? parsed.auths : parsed) ?? {}) as { readonly [host: string]: DockerAuth };
  } catch {
    return {};
  }
}

/** The credentials for an image among the pod's imagePullSecrets; the most specific entry wins. */
export function pullAuth(image: string, pod: Pod, secrets: ReadonlyMap<string, Secret>): PullAuth | undefined {
  const repository = repositoryOf(image);
  const entries = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => {
    const secret = secrets.get(name ?? '');
    return secret === undefined ? [] : Object.entries(authsOf(secret));
  });
  const matching = entries
    .map(([host, auth]) => ({ host: normalizedHost(host), auth }))
    .filter(({ host }) => repository === host || repository.startsWith(`${host}/`) || repository.startsWith(`${host}:`))
    .sort((a, b) => b.host.length - a.host.length);
  return matching[0] && toAuth(matching[0].auth);
}
