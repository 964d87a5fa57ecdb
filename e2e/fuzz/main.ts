import { parseArgs } from 'node:util';
import { type ApiClient, openApiClient } from '../api-client.ts';
import { residentMemory } from '../bench/in-box.ts';
import { type Box, ensureBox, openBox } from '../box/box.ts';
import { buildBundle, copyKubeconfig, installQuadshift } from '../box/install.ts';
import { step } from '../box/progress.ts';
import { boxName } from '../box/settings.ts';
import { liveHeap } from './live-heap.ts';
import { createRandom } from './random.ts';
import { type FuzzRequest, makeRequest, type Surface } from './requests.ts';
import { readSurface } from './surface.ts';
import { deleteAllBut, objectPaths } from './tidy.ts';

const NAME = `${boxName()}-fuzz`;
const CLIENTS = 8;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    requests: { type: 'string', default: '1000000' },
    // After this long the server has given back what it only had for the load; history is kept for five minutes.
    settle: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** What came back, and what should not have. */
interface Findings {
  readonly statuses: Map<number, number>;
  /** One request for each different complaint. */
  readonly failures: Map<string, string>;
  sent: number;
}

/** `npm run fuzz`: requests that nobody would send, on all routes. Nothing of it may be answered by 5xx or a crash. */
async function main(): Promise<boolean> {
  await openBox(NAME)?.remove();
  const [box] = await Promise.all([ensureBox(NAME), buildBundle()]);
  await installQuadshift(box);
  const client = openApiClient(await copyKubeconfig(box), CLIENTS);
  await client.send('/api/v1/namespaces', { method: 'POST', body: '{"metadata":{"name":"fuzz"}}' });
  const surface = await readSurface(client);
  const present = await objectPaths(client, surface.resources);
  const before = await memoryOf(box);
  const identity = await processOf(box);
  step(`fuzzing ${surface.resources.length} resources for ${values.seconds} s, --seed=${values.seed}`);
  const findings = await fuzz(client, surface);
  await deleteAllBut(present, client, surface.resources);
  await new Promise((resolve) => setTimeout(resolve, Number(values.settle) * 1000));
  const alive = (await client.send('/readyz')).status === 200 && (await processOf(box)) === identity;
  report(findings, { before, after: await memoryOf(box), alive });
  client.close();
  return alive && findings.failures.size === 0;
}

/** Memory of the server in MB: what it occupies, what of it is in use, and what it occupies without its garbage. */
interface Memory {
  readonly resident: number;
  readonly heap: number;
  readonly collected: number;
}

async function memoryOf(box: Box): Promise<Memory> {
  const resident = await residentMemory(box);
  const heap = await liveHeap(box);
  return { resident, heap, collected: await residentMemory(box) };
}

/** Its process and how often systemd has restarted it: both change when the server dies. */
function processOf(box: Box): Promise<string> {
  return box.must(['systemctl', 'show', '--property', 'MainPID,NRestarts', 'quadshift.service']);
}

async function fuzz(client: ApiClient, surface: Surface): Promise<Findings> {
  const findings: Findings = { statuses: new Map(), failures: new Map(), sent: 0 };
  const until = performance.now() + Number(values.seconds) * 1000;
  const work = async (_: unknown, lane: number) => {
    const random = createRandom(Number(values.seed) * CLIENTS + lane);
    while (performance.now() < until && findings.sent < Number(values.requests)) {
      findings.sent++;
      await attempt(client, makeRequest(random, surface), findings);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  return findings;
}

/** Longer bodies are cut in the report. */
const SHOWN = 600;

async function attempt(client: ApiClient, request: FuzzRequest, { statuses, failures }: Findings): Promise<void> {
  const { method, path, body } = request;
  const fail = (what: string) => {
    if (!failures.has(what)) failures.set(what, `${method} ${path} ${Buffer.from(body).toString().slice(0, SHOWN)}`);
  };
  try {
    const answer = await client.send(path, { ...request, timeout: 20_000 });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const said = withoutIds(answer.body.toString());
    if (answer.status >= 500 && !isOthersFault(request, said)) fail(`${answer.status} ${said}`);
  } catch (error) {
    fail(`no answer: ${error instanceof Error ? error.message : error}`);
  }
}

/** What a gateway says of those behind it, and what a webhook that the fuzzer made up doesn't answer, is as it should be. */
function isOthersFault({ method, path }: FuzzRequest, said: string): boolean {
  const isProxied = /\/(?:services|nodes)\/[^/]*\/proxy\b/.test(path);
  const unreachable = /no endpoints available|error trying to reach service/.test(said);
  return (isProxied && (method === 'HEAD' || unreachable)) || said.includes('failed calling webhook');
}

/** The same complaint about two requests is one. */
function withoutIds(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').slice(0, SHOWN);
}

interface Outcome {
  readonly before: Memory;
  readonly after: Memory;
  readonly alive: boolean;
}

function memoryLines(before: Memory, after: Memory): readonly string[] {
  const rows = { 'resident memory': 'resident', 'live heap': 'heap', 'resident without garbage': 'collected' } as const;
  return Object.entries(rows).map(
    ([what, key]) => `${what} ${before[key].toFixed(0)} MB before, ${after[key].toFixed(0)} MB after`,
  );
}

function report({ statuses, failures, sent }: Findings, { before, after, alive }: Outcome): void {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  const lines = [
    `${sent} requests (${counts.join(', ')}), seed ${values.seed}`,
    `everything made is deleted; ${values.settle} s later:`,
    ...memoryLines(before, after),
    alive ? 'the server is alive' : 'THE SERVER HAS DIED',
    `${failures.size} different failures`,
    ...[...failures].map(([what, example]) => `- ${what.trim()}\n    ${example}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  if (!process.env['QUADSHIFT_KEEP_BOX']) await openBox(NAME)?.remove();
}
