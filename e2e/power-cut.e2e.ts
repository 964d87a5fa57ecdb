import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, openApiClient } from './api-client.ts';
import { box, ENVIRONMENT, eventually, kubectl } from './harness.ts';
import { remove, run } from './pods.ts';

const NAMESPACE = 'cut';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const CLIENTS = 16;
/** Acknowledged writes before the power is cut; more are on their way then. */
const ENOUGH = 1500;

interface Item {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

const kubeconfig = (): string => process.env[ENVIRONMENT.kubeconfig] ?? '';
const headers = { 'content-type': 'application/json' };

async function create(client: ApiClient, name: string): Promise<Item> {
  const { status, body } = await client.send(PATH, {
    method: 'POST',
    headers,
    body: JSON.stringify({ metadata: { name } }),
  });
  if (status !== 201) throw new Error(`the creation of ${name} answers ${status}: ${body}`);
  return JSON.parse(body.toString()) as Item;
}

/** Creates until the server is gone; gives what was acknowledged, in the order of the answers. */
async function createUntilCut(onAcknowledged: (count: number) => void): Promise<readonly Item[]> {
  const client = openApiClient(kubeconfig(), CLIENTS);
  const acknowledged: Item[] = [];
  let next = 0;
  let up = true;
  const work = async (): Promise<void> => {
    while (up) {
      const item = await create(client, `w-${next++}`).catch(() => undefined);
      if (item === undefined) up = false;
      else onAcknowledged(acknowledged.push(item));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  client.close();
  return acknowledged;
}

/** What a watch from a version says until it has told of an object. */
async function watchUntil(from: string, name: string): Promise<readonly { type: string; object: Item }[]> {
  const client = openApiClient(kubeconfig(), 1);
  try {
    const { status, body } = await client.send(`${PATH}?watch=1&timeoutSeconds=5&resourceVersion=${from}`);
    expect(status).toBe(200);
    const events = body.toString().trim().split('\n');
    const told = events.map((line) => JSON.parse(line) as { type: string; object: Item });
    return told.slice(0, told.findIndex(({ object }) => object.metadata.name === name) + 1);
  } finally {
    client.close();
  }
}

const versionOf = (item: Item | undefined): number => Number(item?.metadata.resourceVersion);

describe('a power cut in the middle of writes', () => {
  let before: string;
  let acknowledged: readonly Item[];

  beforeAll(async () => {
    await run('create', 'namespace', NAMESPACE);
    before = JSON.parse(await run('get', '--raw', PATH)).metadata.resourceVersion;
    let cut: Promise<void> | undefined;
    acknowledged = await createUntilCut((count) => {
      if (count >= ENOUGH) cut ??= box.powerCut();
    });
    await cut;
    await box.boot();
    await eventually(
      async () => {
        if ((await kubectl(['get', '--raw=/readyz'])).code !== 0) throw new Error('the API does not answer');
      },
      { what: 'the API after the boot' },
    );
  });

  afterAll(() => remove('namespace', NAMESPACE));

  it('loses no write that was acknowledged', async () => {
    const { items } = JSON.parse(await run('get', '--raw', PATH)) as { readonly items: readonly Item[] };
    const versions = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    expect(acknowledged.length).toBeGreaterThanOrEqual(ENOUGH);
    expect(acknowledged.filter(({ metadata }) => versions.get(metadata.name) !== metadata.resourceVersion)).toEqual([]);
  });

  it('lets no resourceVersion come again', async () => {
    const client = openApiClient(kubeconfig(), 1);
    const fresh = await create(client, 'fresh');
    client.close();
    expect(new Set(acknowledged.map(versionOf)).size).toBe(acknowledged.length);
    expect(versionOf(fresh)).toBeGreaterThan(Math.max(...acknowledged.map(versionOf)));
  });

  it('does not keep a watch from going on where it was', async () => {
    const ordered = [...acknowledged].sort((a, b) => versionOf(a) - versionOf(b));
    const middle = ordered[Math.floor(ordered.length / 2)];
    for (const from of [before, String(versionOf(middle))]) {
      const expected = ordered.filter((item) => versionOf(item) > Number(from)).map(({ metadata }) => metadata.name);
      const told = await watchUntil(from, 'fresh');
      expect(told.every(({ type }) => type === 'ADDED')).toBe(true);
      const names = new Set(expected);
      expect(told.map(({ object }) => object.metadata.name).filter((name) => names.has(name))).toEqual(expected);
    }
  });
});
