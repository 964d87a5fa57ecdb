import { type Box, ensureBox } from './box.ts';
import { buildBundle, copyKubeconfig, installQuadshift } from './install.ts';
import { hasCommand } from './process.ts';
import { step } from './progress.ts';
import { DEFAULT_BOX, PROJECT_IN_BOX } from './settings.ts';

const NODE_PORT = 30080;

/** Brings a box up with Quadshift and `examples/hello` running in it, whatever of that is there already. */
export async function up(name: string): Promise<void> {
  // Both at once: the bundle is ready long before a first box is.
  const bundle = buildBundle();
  bundle.catch(() => {});
  const box = await ensureBox(name);
  await bundle;
  await installQuadshift(box);
  const kubeconfig = await copyKubeconfig(box);
  await applyExample(box);
  await explain(box, kubeconfig);
}

async function applyExample(box: Box): Promise<void> {
  step('applying examples/hello');
  await box.must(['kubectl', 'apply', '-f', `${PROJECT_IN_BOX}/examples/hello`]);
  step('waiting for it to be ready');
  const rollout = ['kubectl', 'rollout', 'status', 'deployment/hello', '--timeout=120s'];
  await box.must(rollout, { timeout: 150_000 });
}

async function explain(box: Box, kubeconfig: string): Promise<void> {
  step('ready');
  const prefix = box.name === DEFAULT_BOX ? '' : `QUADSHIFT_BOX=${box.name} `;
  if (!(await hasCommand('kubectl'))) {
    const path = await box.hostPath('/usr/bin/kubectl');
    process.stdout.write(`There is no kubectl here: use ${path}, or \`${prefix}npm run box -- kubectl get pods\`.\n`);
  }
  process.stdout.write(`http://${await box.address()}:${NODE_PORT}/\nKUBECONFIG=${kubeconfig}\n`);
}
