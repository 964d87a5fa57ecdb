import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './testdata/start-server.ts';

let api: TestServer;

beforeAll(async () => {
  api = await startServer();
});

afterAll(async () => {
  await api.close();
  expect(api.errors).toEqual([]);
});

const MAPS = '/api/v1/namespaces/default/configmaps';

interface WatchLine {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind.
  readonly object: any;
}

/** Opens a watch over HTTP/2 and gives its lines as they come. */
async function* follow(query: string, headers: Record<string, string> = {}): AsyncGenerator<WatchLine> {
  const session = api.connect();
  try {
    let rest = '';
    for await (const chunk of session
      .request({ ':path': `${MAPS}?watch=1&${query}`, ...headers })
      .setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    session.destroy();
  }
}

/** The first lines of a watch. */
async function take(count: number, query: string, headers: Record<string, string> = {}): Promise<WatchLine[]> {
  const lines: WatchLine[] = [];
  for await (const line of follow(query, headers)) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines;
}

const create = (name: string) => api.request(MAPS, { method: 'POST', body: { metadata: { name } } });
const remove = (name: string) => api.request(`${MAPS}/${name}`, { method: 'DELETE' });
const namesOf = (lines: readonly WatchLine[]) => lines.map(({ type, object }) => `${type} ${object.metadata?.name}`);

test('a watch without a version begins with what there is and goes on with what happens', async () => {
  await create('first');
  const lines = follow('fieldSelector=metadata.name!%3Dkube-root-ca.crt');
  const seen = [(await lines.next()).value];
  await create('second');
  seen.push((await lines.next()).value);
  await remove('second');
  seen.push((await lines.next()).value);
  await lines.return(undefined);
  expect(namesOf(seen)).toEqual(['ADDED first', 'ADDED second', 'DELETED second']);
});

test('a watch from a version repeats exactly what came after it', async () => {
  const { json } = await create('base');
  await create('later');
  await remove('later');
  const lines = await take(2, `resourceVersion=${json.metadata.resourceVersion}`);
  expect(namesOf(lines)).toEqual(['ADDED later', 'DELETED later']);
});

test('initial events end with an annotated bookmark', async () => {
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const { json } = await api.request(MAPS);
  const last = (await take(json.items.length + 1, query)).at(-1);
  expect(last).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
  expect(Number(last?.object.metadata.resourceVersion)).toBe(api.registry.revision);
});

test('a watch as Table sends its columns once', async () => {
  await create('row-a');
  await create('row-b');
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const [first, second] = await take(2, '', { accept });
  expect(first?.object.columnDefinitions[0].name).toBe('Name');
  expect([second?.object.columnDefinitions, second?.object.rows.length]).toEqual([[], 1]);
});

test('a version that is no number is refused before the watch begins', async () => {
  const { status, json } = await api.request(`${MAPS}?watch=1&resourceVersion=abc`);
  expect([status, json.reason]).toEqual([422, 'Invalid']);
});

test('a watch ends when its time is over', async () => {
  const { text } = await api.request(`${MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${api.registry.revision}`);
  expect(text).toBe('');
});

test('resources know no HEAD, and so nobody waits for its events', async () => {
  expect((await api.request(`${MAPS}?watch=1`, { method: 'HEAD' })).status).toBe(405);
});

test('watches end when the server closes', async () => {
  const other = await startServer();
  const session = other.connect();
  const stream = session.request({ ':path': `${MAPS}?watch=1&resourceVersion=${other.registry.revision}` });
  await new Promise((resolve) => stream.once('response', resolve));
  const ended = new Promise((resolve) => stream.once('close', resolve));
  stream.on('error', () => {});
  session.on('error', () => {});
  await other.close();
  await ended;
});
