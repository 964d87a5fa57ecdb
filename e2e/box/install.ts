import { writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Box } from './box.ts';
import { must } from './process.ts';
import { step } from './progress.ts';
import { PROJECT, PROJECT_IN_BOX } from './settings.ts';
import { kubeconfigPath } from './state.ts';
import { eventually } from './wait.ts';

/** Bundles the server from the sources as they are. */
export async function buildBundle(): Promise<void> {
  await must([process.execPath, 'packaging/build.ts'], { cwd: PROJECT });
}

/** Installs the bundle in the box as an administrator would, and waits until the API answers. */
export async function installQuadshift(box: Box): Promise<void> {
  step(`installing Quadshift in box ${box.name}`);
  await box.must(['sh', `${PROJECT_IN_BOX}/packaging/install.sh`]);
  await waitForApi(box);
}

/** Resolves when the API server in the box says that it is ready; its journal is the error if it doesn't. */
async function waitForApi(box: Box): Promise<void> {
  const ready = async () => (await box.exec(['kubectl', 'get', '--raw=/readyz', '--request-timeout=5s'])).code === 0;
  try {
    await eventually(ready, { timeoutMs: 30_000, what: 'the API server to be ready' });
  } catch (error) {
    const { stdout } = await box.exec(['journalctl', '--no-pager', '-n', '30', '-u', 'quadshift.service']);
    throw new Error(`${(error as Error).message}\nthe journal of quadshift.service:\n${stdout}`, { cause: error });
  }
}

/** Writes the admin kubeconfig for use from this machine, by the box's address; resolves to its path. */
export async function copyKubeconfig(box: Box): Promise<string> {
  const inside = await box.must(['cat', '/var/lib/quadshift/kubeconfig']);
  const outside = reachedAt(inside, await box.address());
  const path = kubeconfigPath(box.name);
  writeFileSync(path, outside, { mode: 0o600 });
  return path;
}

/** The same kubeconfig with every server on another host. */
function reachedAt(kubeconfig: string, host: string): string {
  const config = parse(kubeconfig) as { clusters: { cluster: { server: string } }[] };
  for (const { cluster } of config.clusters) {
    const server = new URL(cluster.server);
    server.hostname = host;
    cluster.server = server.origin;
  }
  return stringify(config);
}
