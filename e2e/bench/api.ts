import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAnswer, type ApiClient, openApiClient } from '../api-client.ts';
import type { Latencies } from './latencies.ts';

const NAMESPACE = 'quadshift-bench-api';
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
/** A namespace of its own for what is only held: without controllers, a deleted one never goes. */
const HOLDING = `/api/v1/namespaces/${NAMESPACE}-held`;
const CLIENTS = 16;
/** Requests of one client, one after the other. */
const ALONE = 300;
/** Sizes at which the collection is listed, and how often. */
const LISTS = [
  { size: 100, times: 50 },
  { size: 1000, times: 20 },
  { size: 5000, times: 10 },
] as const;
const MOST = 5000;
const EVENTS = 200;

/** Figures of any API server that a kubeconfig leads to: 1 KB ConfigMaps in a namespace of their own. */
export async function measureApi(kubeconfig: string): Promise<readonly Latencies[]> {
  const client = openApiClient(kubeconfig, CLIENTS + 1);
  try {
    await expectStatus(client.send('/api/v1/namespaces', json('POST', { metadata: { name: NAMESPACE } })), 201);
    await warmUp(client);
    return [...(await oneClient(client)), ...(await manyClients(client))];
  } finally {
    await client.send(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE' });
    client.close();
  }
}

/**
 * Resident memory in MB of the server alone, as its own metrics tell it, `seconds` after the last of 5000 objects was created: what
 * it takes to hold them, not to make them. Undefined where there are no such metrics.
 */
export async function memoryOfObjects(kubeconfig: string, seconds: number): Promise<number | undefined> {
  const client = openApiClient(kubeconfig, CLIENTS);
  const maps = `${HOLDING}/configmaps`;
  await expectStatus(client.send('/api/v1/namespaces', json('POST', { metadata: { name: `${NAMESPACE}-held` } })), 201);
  try {
    await warmUp(client, maps);
    await load(CLIENTS, { first: 0, end: MOST }, actions(client, maps).create);
    await delay(seconds * 1000);
    return await memoryByMetrics(client);
  } finally {
    await client.send(maps, { method: 'DELETE' });
    await client.send(HOLDING, { method: 'DELETE' });
    client.close();
  }
}

async function memoryByMetrics(client: ApiClient): Promise<number | undefined> {
  const { body } = await client.send('/metrics');
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(body.toString())?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 1e6;
}

function json(method: string, body: object) {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function nameOf(at: number): string {
  return `object-${String(at).padStart(5, '0')}`;
}

function configMap(at: number, round: string): object {
  return { metadata: { name: nameOf(at) }, data: { round, payload: 'x'.repeat(900) } };
}

async function expectStatus(sent: Promise<ApiAnswer>, status: number): Promise<ApiAnswer> {
  const answer = await sent;
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.body.toString()}`);
  return answer;
}

/** A new namespace may not take objects at once everywhere, and servers compile what they run often. */
async function warmUp(client: ApiClient, maps = MAPS): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { status } = await client.send(maps, json('POST', configMap(MOST + attempt, 'warm')));
    if (status === 201) await client.send(`${maps}/${nameOf(MOST + attempt)}`, { method: 'DELETE' });
  }
}

type Act = (at: number) => Promise<unknown>;

function actions(client: ApiClient, maps = MAPS): { readonly [what in 'create' | 'get' | 'update' | 'delete']: Act } {
  const at = (number: number) => `${maps}/${nameOf(number)}`;
  return {
    create: (number) => expectStatus(client.send(maps, json('POST', configMap(number, 'created'))), 201),
    get: (number) => expectStatus(client.send(at(number)), 200),
    update: (number) => expectStatus(client.send(at(number), json('PUT', configMap(number, 'updated'))), 200),
    delete: (number) => expectStatus(client.send(at(number), { method: 'DELETE' }), 200),
  };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** Does it for every number from `first` on, with so many clients. */
async function load(clients: number, range: { readonly first: number; readonly end: number }, act: Act) {
  const samples: number[] = [];
  let next = range.first;
  const work = async () => {
    for (let at = next++; at < range.end; at = next++) samples.push(await timed(() => act(at)));
  };
  const milliseconds = await timed(() => Promise.all(Array.from({ length: clients }, work)));
  return { samples, milliseconds };
}

async function oneClient(client: ApiClient): Promise<readonly Latencies[]> {
  const rows: Latencies[] = [];
  const { create, get, update, delete: remove } = actions(client);
  for (const [what, act] of Object.entries({ create, get, update })) {
    rows.push({ what: `1 client: ${what}`, ...(await load(1, { first: 0, end: ALONE }, act)) });
  }
  rows.push({ what: '1 client: watch, sent to seen', samples: await watchDelivery(client) });
  rows.push({ what: '1 client: delete', ...(await load(1, { first: 0, end: ALONE }, remove)) });
  return rows;
}

/** From sending a change to reading it off a watch. */
async function watchDelivery(client: ApiClient): Promise<readonly number[]> {
  const { body } = await expectStatus(client.send(`${MAPS}?limit=1`), 200);
  const { metadata } = JSON.parse(body.toString()) as { readonly metadata: { readonly resourceVersion: string } };
  const stream = await client.open(`${MAPS}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  const lines = createInterface(stream)[Symbol.asyncIterator]();
  const samples: number[] = [];
  for (let at = 0; at < EVENTS; at++) {
    // Each object is written in a form of its own, as a write that changes nothing is no event.
    const changed = json('PUT', configMap(at, `watched ${at}`));
    const start = performance.now();
    const sent = client.send(`${MAPS}/${nameOf(at)}`, changed);
    await lines.next();
    samples.push(performance.now() - start);
    await expectStatus(sent, 200);
  }
  stream.destroy();
  return samples;
}

async function manyClients(client: ApiClient): Promise<readonly Latencies[]> {
  const { create, get, update, delete: remove } = actions(client);
  const lists: Latencies[] = [];
  const created: number[] = [];
  let milliseconds = 0;
  let first = 0;
  for (const { size, times } of LISTS) {
    const part = await load(CLIENTS, { first, end: size }, create);
    created.push(...part.samples);
    milliseconds += part.milliseconds;
    const { samples } = await load(1, { first: 0, end: times }, () => expectStatus(client.send(MAPS), 200));
    lists.push({ what: `1 client: list of ${size}`, samples });
    first = size;
  }
  const rows: Latencies[] = [row('create', { samples: created, milliseconds })];
  for (const [what, act] of Object.entries({ get, update, delete: remove })) {
    rows.push(row(what, await load(CLIENTS, { first: 0, end: MOST }, act)));
  }
  return [...lists, ...rows];
}

function row(what: string, { samples, milliseconds }: { samples: readonly number[]; milliseconds: number }): Latencies {
  return { what: `${CLIENTS} clients: ${what}`, samples, rate: (samples.length * 1000) / milliseconds };
}
