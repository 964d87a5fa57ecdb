import { parseArgs } from 'node:util';
import { type Box, ensureBox, openBox } from '../box/box.ts';
import { buildBundle, installQuadshift } from '../box/install.ts';
import { step } from '../box/progress.ts';
import { measureApi, memoryOfObjects } from './api.ts';
import {
  applyToReady,
  kubePlayToServing,
  manyDeployments,
  residentMemory,
  startToFirstAnswer,
  twentyPods,
} from './in-box.ts';
import { renderLatencies } from './latencies.ts';
import { nameDelays } from './names.ts';
import { pathCosts, renderPaths } from './paths.ts';
import { planningRows } from './planning.ts';
import { requestsOverReloads, routerRates } from './router.ts';
import { median, type Row, renderRows } from './samples.ts';
import { serviceCosts } from './services.ts';
import { renderThreeContainers, type ThreeContainers, threeContainers } from './three-containers.ts';

const NAME = 'quadshift-bench';
const RELOADS = 100;
const MANY = 200;

/** A new box with Quadshift as it is in the sources. */
async function freshBox(): Promise<Box> {
  await openBox(NAME)?.remove();
  const [box] = await Promise.all([ensureBox(NAME), buildBundle()]);
  await installQuadshift(box);
  step('measuring');
  return box;
}

/** `npm run bench`: the figures that a user feels, beside Podman doing the same by itself. */
async function benchAll(): Promise<void> {
  const box = await freshBox();
  const start = await startToFirstAnswer(box);
  const idle = await residentMemory(box);
  const apply = await applyToReady(box);
  const play = await kubePlayToServing(box);
  const three = await threeContainers(box);
  const twenty = await twentyPods(box);
  const after = await residentMemory(box);
  const many = await manyDeployments(box, MANY);
  const router = await routerRates(box);
  const { answered, failures } = await requestsOverReloads(box, RELOADS);
  const names = await nameDelays(box);
  const services = await serviceCosts(box);
  const namesAmongMany = await nameDelays(box);
  process.stdout.write(
    renderRows([
      { what: 'server: start to first answer', unit: 'ms', samples: start },
      { what: 'server: resident, idle', unit: 'MB', samples: [idle] },
      { what: 'server: resident, after the load', unit: 'MB', samples: [after] },
      { what: 'one pod: kubectl apply to Ready', unit: 'ms', samples: apply },
      { what: 'one pod: podman kube play to its first answer', unit: 'ms', samples: play },
      ...rowsOfThree(three),
      { what: '20 pods: kubectl apply to all Ready', unit: 'ms', samples: twenty },
      { what: '1000 Services with 3 endpoints: nft loads them', unit: 'ms', samples: services.load },
      { what: 'one endpoint of those: answered to in force', unit: 'ms', samples: services.change },
      { what: 'a new Service: answered to resolved', unit: 'ms', samples: names },
      { what: 'the same among those thousand', unit: 'ms', samples: namesAmongMany },
    ]),
  );
  process.stdout.write(
    `${MANY} Deployments at once: created in ${many.created.toFixed(0)} ms, all available in ${many.available.toFixed(0)} ms, ${many.reloads} daemon-reloads\n`,
  );
  process.stdout.write(await planningRows());
  process.stdout.write(renderPaths(services.paths));
  const share = (100 * median(router.ours)) / median(router.byHand);
  process.stdout.write(
    `router: ${median(router.ours).toFixed(0)} requests/s, ${share.toFixed(0)} % of HAProxy by hand\n`,
  );
  process.stdout.write(`router: ${failures} of ${answered + failures} requests failed over ${RELOADS} reloads\n`);
  process.stdout.write(`apply-to-Ready is ${(median(apply) / median(play)).toFixed(2)} × podman kube play\n`);
  process.stdout.write(renderThreeContainers(three));
}

/** `npm run bench -- --three`: only the pod of three containers. */
async function benchThree(): Promise<void> {
  const three = await threeContainers(await freshBox());
  process.stdout.write(renderRows(rowsOfThree(three)) + renderThreeContainers(three));
}

function rowsOfThree({ apply, play, playUnprobed }: ThreeContainers): readonly Row[] {
  return [
    { what: 'three containers: kubectl apply to Ready', unit: 'ms', samples: apply },
    { what: 'three containers: podman kube play to all answers', unit: 'ms', samples: play },
    { what: 'the same without probes', unit: 'ms', samples: playUnprobed },
  ];
}

/**
 * `npm run bench -- --kubeconfig FILE [--settle SECONDS]`: the API server there, whosever it is; its memory so long after the
 * last write.
 */
async function benchApi(kubeconfig: string, settle: number): Promise<void> {
  process.stdout.write(renderLatencies(await measureApi(kubeconfig)));
  const memory = await memoryOfObjects(kubeconfig, settle);
  if (memory === undefined) return;
  process.stdout.write(`resident memory with 5000 objects, ${settle} s later: ${memory.toFixed(0)} MB\n`);
}

/** `npm run bench -- --paths`: what packets of Services cost beside those to a pod's address, and nothing else. */
async function benchPaths(): Promise<void> {
  process.stdout.write(renderPaths(await pathCosts(await freshBox())));
}

async function withBox(measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } finally {
    if (!process.env['QUADSHIFT_KEEP_BOX']) await openBox(NAME)?.remove();
  }
}

/** `npm run bench -- --planning`: what a change costs the controllers among 10, 100 and 500 applications; needs no box. */
async function benchPlanning(): Promise<void> {
  process.stdout.write(await planningRows());
}

const { kubeconfig, paths, planning, settle, three } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    paths: { type: 'boolean' },
    planning: { type: 'boolean' },
    settle: { type: 'string', default: '0' },
    three: { type: 'boolean' },
  },
}).values;
if (planning) await benchPlanning();
else if (kubeconfig !== undefined) await benchApi(kubeconfig, Number(settle));
else await withBox(paths ? benchPaths : three ? benchThree : benchAll);
