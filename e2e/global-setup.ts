import { join } from 'node:path';
import { type Box, ensureBox } from './box/box.ts';
import { buildBundle, copyKubeconfig, installQuadshift } from './box/install.ts';
import { boxFolder } from './box/state.ts';
import { ENVIRONMENT, testBoxName } from './harness.ts';

/** Brings up the tests' box with the sources as they are. It is kept: the next run starts faster. */
export async function setup(): Promise<void> {
  const bundle = buildBundle();
  bundle.catch(() => {});
  const box = await ensureBox(testBoxName());
  await bundle;
  await installQuadshift(box);
  await describeTo(process.env, box);
}

async function describeTo(environment: NodeJS.ProcessEnv, box: Box): Promise<void> {
  environment[ENVIRONMENT.kubectl] = await box.hostPath('/usr/bin/kubectl');
  environment[ENVIRONMENT.kubeconfig] = await copyKubeconfig(box);
  environment[ENVIRONMENT.kubectlCache] = join(boxFolder(box.name), 'kubectl-cache');
}
