import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, isReady, run, untilPod } from './pods.ts';

/** A script that stays until it is told to end. */
const STAY = 'trap exit TERM; while :; do sleep 1 & wait $!; done';

/** Starts a pod to look at the cluster from, and waits until it is ready. */
export async function startClient(name: string, spec: object = {}): Promise<void> {
  await apply(shellPod(name, STAY, spec));
  await untilPod(name, isReady, 'to be ready');
}

/** Runs a command in a pod; resolves to its output and throws when it fails. */
export function inPod(pod: string, ...command: readonly string[]): Promise<string> {
  return run('exec', pod, '--', ...command);
}

/** A page as a pod sees it; throws when there is none within two seconds. */
export function pageInPod(pod: string, url: string): Promise<string> {
  return inPod(pod, 'wget', '-q', '-T', '2', '-O', '-', url);
}

/** A page as the box itself sees it. */
export function pageOnHost(url: string): Promise<string> {
  return box.must(['curl', '-sSf', '-m', '2', url]);
}

/** A page as another machine sees it: the one on which the tests run. */
export async function pageOutside(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  return response.text();
}

/** Waits until a page says what is expected, wherever it is looked at from. */
export function untilPage(look: () => Promise<string>, expected: RegExp): Promise<string> {
  return eventually(
    async () => {
      const page = await look();
      if (!expected.test(page)) throw new Error(`it says ${page}`);
      return page;
    },
    { what: `a page like ${expected}` },
  );
}

/** Addresses of a name as the box's busybox reads them off a resolver. */
export async function lookUp(name: string, type = 'a', server = '10.42.0.1'): Promise<string> {
  const { stdout } = await box.exec(['busybox', 'nslookup', `-type=${type}`, name, server]);
  // Behind the paragraph about the server itself.
  return stdout.split('\n\n').slice(1).join('\n');
}
