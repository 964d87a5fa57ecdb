import type { Pod } from '../src/kinds/types.ts';
import { eventually, kubectl } from './harness.ts';

/** The object as JSON, typed by the caller. Throws when kubectl fails. */
export async function getObject<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await run('get', ...args, '-o', 'json')) as T;
}

/** Runs kubectl; resolves to its standard output and throws with its complaint otherwise. */
export async function run(...args: readonly string[]): Promise<string> {
  const result = await kubectl(args);
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr || result.stdout}`);
  return result.stdout;
}

/** `kubectl apply -f -`; resolves to its output. */
export async function apply(manifest: string, ...args: readonly string[]): Promise<string> {
  const result = await kubectl(['apply', '-f', '-', ...args], { input: manifest });
  if (result.code !== 0) throw new Error(`kubectl apply: ${result.stderr}`);
  return result.stdout;
}

/** The pods of an `app` label in the default namespace, oldest first. */
export async function podsOf(app: string): Promise<readonly Pod[]> {
  const list = await getObject<{ items: Pod[] }>('pods', '-l', `app=${app}`, '--sort-by=.metadata.creationTimestamp');
  return list.items;
}

/** Waits until the Deployment has all its replicas updated and available, and none too many. */
export async function untilRolledOut(name: string): Promise<void> {
  await run('rollout', 'status', `deployment/${name}`, '--timeout=120s');
}

/** Waits until the condition holds for a pod, and returns the pod. */
export async function untilPod(
  name: string,
  holds: (pod: Pod) => boolean,
  what: string,
  timeoutMs = 60_000,
): Promise<Pod> {
  return eventually(
    async () => {
      const pod = await getObject<Pod>('pod', name);
      if (!holds(pod)) throw new Error(`not yet: ${JSON.stringify(pod.status?.containerStatuses ?? pod.status)}`);
      return pod;
    },
    { timeoutMs, what: `pod ${name}: ${what}` },
  );
}

/** Whether the pod's Ready condition is True. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

/** Deletes and waits until the objects are gone. */
export async function remove(...args: readonly string[]): Promise<void> {
  await run('delete', ...args, '--ignore-not-found', '--wait=true', '--timeout=60s');
}
