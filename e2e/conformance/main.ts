import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBox } from '../box/box.ts';
import { buildBundle, copyKubeconfig, installQuadshift } from '../box/install.ts';
import { step } from '../box/progress.ts';
import { buildImages } from './images.ts';
import { fillRegistry } from './registry.ts';
import { renderResults } from './results.ts';
import { buildSuite, runSuite } from './suite.ts';

const NAME = 'quadshift-conformance';

const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    work: { type: 'string' },
    focus: { type: 'string', default: String.raw`\[Conformance\]` },
    skip: { type: 'string', default: String.raw`\[Disruptive\]` },
    kubectl: { type: 'string', default: 'kubectl' },
    processes: { type: 'string', default: '4' },
    kubeconfig: { type: 'string' },
  },
});

/**
 * `npm run conformance -- --source DIR --work DIR`: the upstream suite, built from a tree of the Kubernetes sources,
 * against a box. What was built is kept in the work folder. With `--kubeconfig`, any other cluster is tested instead.
 */
async function main(): Promise<boolean> {
  const { source, work } = values;
  if (!source || !work) throw new Error('--source (a tree of the Kubernetes sources) and --work (a folder) are needed');
  const binaries = join(work, 'bin');
  await buildSuite(source, binaries);
  const kubeconfig = values.kubeconfig ?? (await prepareBox(source, work));
  const shared = { binaries, kubeconfig, kubectl: values.kubectl, focus: values.focus };
  step('running the tests that may run side by side');
  const parallel = await runSuite({
    ...shared,
    skip: `${values.skip}|\\[Serial\\]`,
    processes: Number(values.processes),
    reports: join(work, 'parallel'),
  });
  step('running the serial tests');
  const serial = await runSuite({
    ...shared,
    skip: values.skip,
    focus: `(${values.focus}).*\\[Serial\\]|\\[Serial\\].*(${values.focus})`,
    processes: 1,
    reports: join(work, 'serial'),
  });
  const results = [...parallel, ...serial];
  process.stdout.write(renderResults(results));
  return results.every((result) => result.passed);
}

async function prepareBox(source: string, work: string): Promise<string> {
  const [box] = await Promise.all([ensureBox(NAME), buildBundle()]);
  await installQuadshift(box);
  const images = await buildImages(source, work);
  await fillRegistry(box, images);
  return copyKubeconfig(box);
}

process.exitCode = (await main()) ? 0 : 1;
