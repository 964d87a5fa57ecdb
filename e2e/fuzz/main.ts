import { setTimeout as delay } from 'node:timers/promises';
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
    // After this long the server has given back what it only had for the load: it rests after a minute, and again when the
    // history of the load has gone, after five and a half.
    settle: { type: 'string', default: '60' },
    // So many requests are sent before the memory is looked at that the rounds are compared with: a server that has never answered
    // hasn't read all of Node's own code yet, nor made what it makes once. 0 compares with one that has only just started.
    warm: { type: 'string', default: '20000' },
    // How often all of that is done to one process.
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** A server that was just started has done something, too: a minute after that it is at rest. */
const FIRST_REST_S = 90;

/** What came back, and what should not have. */
interface Findings {
  readonly statuses: Map<number, number>;
  /** One request for each different complaint. */
  readonly failures: Map<string, string>;
  /** How often somebody else's fault was told of, by whose. */
  readonly others: Map<string, number>;
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
  const identity = await processOf(box);
  const findings: Findings = { statuses: new Map(), failures: new Map(), others: new Map(), sent: 0 };
  const memory = await fuzzInRounds({ box, client, surface, present }, findings);
  const alive = (await client.send('/readyz')).status === 200 && (await processOf(box)) === identity;
  report(findings, { memory, alive });
  client.close();
  return alive && findings.failures.size === 0;
}

interface Target {
  readonly box: Box;
  readonly client: ApiClient;
  readonly surface: Surface;
  /** What was there before, and stays. */
  readonly present: readonly string[];
}

/** Sends everything; resolves with the memory before the first round and after each, when the server is at rest. */
async function fuzzInRounds(target: Target, findings: Findings): Promise<readonly Memory[]> {
  const { box, client, surface, present } = target;
  const [warm, seconds, settle] = [Number(values.warm), Number(values.seconds), Number(values.settle)];
  const isWarm = () => findings.sent >= warm;
  const settled = async (pause: number): Promise<Memory> => {
    await deleteAllBut(present, client, surface.resources);
    await delay(pause * 1000);
    return memoryOf(box);
  };
  // What looks at the heap stays in the process: it is there before the first figure, too.
  await liveHeap(box);
  if (warm > 0) await fuzz(client, { surface, findings, isOver: isWarm, round: -1 });
  const memory = [await settled(warm > 0 ? settle : FIRST_REST_S)];
  for (let round = 0; round < Number(values.rounds); round++) {
    const until = performance.now() + seconds * 1000;
    await fuzz(client, { surface, findings, isOver: () => performance.now() >= until, round });
    memory.push(await settled(settle));
  }
  return memory;
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

interface Round {
  readonly surface: Surface;
  readonly findings: Findings;
  readonly isOver: () => boolean;
  /** -1 for what only warms the server up. */
  readonly round: number;
}

async function fuzz(client: ApiClient, { surface, findings, isOver, round }: Round): Promise<void> {
  step(`fuzzing ${surface.resources.length} resources, --seed=${values.seed}, round ${round}`);
  const work = async (_: unknown, lane: number) => {
    const random = createRandom((Number(values.seed) + round) * CLIENTS + lane);
    while (!isOver() && findings.sent < Number(values.requests)) {
      findings.sent++;
      await attempt(client, makeRequest(random, surface), findings);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

/** Longer bodies are cut in the report. */
const SHOWN = 600;

async function attempt(
  client: ApiClient,
  request: FuzzRequest,
  { statuses, failures, others }: Findings,
): Promise<void> {
  const { method, path, body } = request;
  const fail = (what: string) => {
    if (!failures.has(what)) failures.set(what, `${method} ${path} ${Buffer.from(body).toString().slice(0, SHOWN)}`);
  };
  try {
    const answer = await client.send(path, { ...request, timeout: 60_000 });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status < 500) return;
    const said = withoutIds(answer.body.toString());
    const other = whoseFault(request, said);
    if (other === undefined) return fail(`${answer.status} ${said}`);
    const what = `${answer.status} ${other}`;
    others.set(what, (others.get(what) ?? 0) + 1);
  } catch (error) {
    fail(`no answer: ${error instanceof Error ? error.message : error}`);
  }
}

const WEBHOOK = /Internal error occurred: failed calling webhook \\?"/;
const UNREACHABLE = /no endpoints available for service|error trying to reach service/;

/**
 * Who else is to blame for a 5xx: a webhook that the fuzzer made up and that doesn't answer, or whoever is behind a gateway.
 * Nobody if it is the server's own.
 */
function whoseFault({ method, path }: FuzzRequest, said: string): string | undefined {
  if (WEBHOOK.test(said)) return 'by a webhook';
  const isProxied = /\/(?:services|pods|nodes)\/[^/]*\/proxy\b/.test(path);
  // HEAD has no text to tell by.
  return isProxied && (method === 'HEAD' || UNREACHABLE.test(said)) ? 'behind a gateway' : undefined;
}

/** The same complaint about two requests is one. */
function withoutIds(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').slice(0, SHOWN);
}

interface Outcome {
  /** Before the first round, and after each. */
  readonly memory: readonly Memory[];
  readonly alive: boolean;
}

function memoryLines(memory: readonly Memory[]): readonly string[] {
  const rows = { 'resident memory': 'resident', 'live heap': 'heap', 'resident without garbage': 'collected' } as const;
  return Object.entries(rows).map(
    ([what, key]) => `${what} in MB, before and after: ${memory.map((look) => look[key].toFixed(0)).join(', ')}`,
  );
}

function report({ statuses, failures, others, sent }: Findings, { memory, alive }: Outcome): void {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  const lines = [
    `${sent} requests (${counts.join(', ')}), seed ${values.seed}`,
    ...[...others].map(([what, count]) => `of these ${what}: ${count}`),
    `everything made is deleted; ${values.settle} s later:`,
    ...memoryLines(memory),
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
