import { CoreV1Api, type Informer, KubeConfig, makeInformer, type V1ConfigMap, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, openApiClient } from './api-client.ts';
import { box, ENVIRONMENT, eventually } from './harness.ts';
import { remove, run } from './pods.ts';

const NAMESPACE = 'informed';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const OBJECTS = 5000;
const CLIENTS = 16;

let config: KubeConfig;
let api: CoreV1Api;
/** The writes are not what is tried here: they cost the official client more than all else. */
let writer: ApiClient;

beforeAll(async () => {
  const kubeconfig = process.env[ENVIRONMENT.kubeconfig] ?? '';
  config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  api = config.makeApiClient(CoreV1Api);
  writer = openApiClient(kubeconfig, CLIENTS);
  await run('create', 'namespace', NAMESPACE);
  await inParallel(OBJECTS, (at) => write('POST', PATH, body(at, 0)));
});

afterAll(async () => {
  writer.close();
  await remove('namespace', NAMESPACE);
});

/** Resolves when the write is acknowledged. */
async function write(method: 'POST' | 'PUT', path: string, object: V1ConfigMap): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status, body: said } = await writer.send(path, { method, headers, body: JSON.stringify(object) });
  if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${said}`);
}

function nameOf(at: number): string {
  return `object-${String(at).padStart(4, '0')}`;
}

function body(at: number, round: number): V1ConfigMap {
  return { metadata: { name: nameOf(at) }, data: { round: String(round), filler: 'x'.repeat(500) } };
}

/** Does something for each number, a few at a time. */
async function inParallel(count: number, act: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let at = next++; at < count; at = next++) await act(at);
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

/** Writes again and again while the server is away. A write that was made twice is one write: nothing has changed. */
async function persistently(attempt: () => Promise<unknown>): Promise<void> {
  await eventually(attempt, { what: 'the write to be acknowledged' });
}

/** Changes every object once; the server is restarted when a quarter of them is done. */
async function changeAllAcrossRestart(round: number): Promise<void> {
  let restart: Promise<unknown> = Promise.resolve();
  await inParallel(OBJECTS, async (at) => {
    if (at === OBJECTS / 4) restart = box.must(['systemctl', 'restart', 'quadshift.service']);
    await persistently(() => write('PUT', `${PATH}/${nameOf(at)}`, body(at, round)));
  });
  await restart;
}

/** Versions that were seen of each object, in their order. */
class Seen {
  readonly added: string[] = [];
  readonly deleted: string[] = [];
  readonly versions: number[] = [];

  count(object: V1ConfigMap): void {
    this.versions.push(Number(object.metadata?.resourceVersion));
  }
}

function startInformer(seen: Seen): Informer<V1ConfigMap> & { list(): readonly V1ConfigMap[] } {
  const informer = makeInformer<V1ConfigMap>(config, PATH, () => api.listNamespacedConfigMap({ namespace: NAMESPACE }));
  informer.on('add', (object) => {
    seen.added.push(object.metadata?.name ?? '');
    seen.count(object);
  });
  informer.on('update', (object) => seen.count(object));
  informer.on('delete', (object) => seen.deleted.push(object.metadata?.name ?? ''));
  // As the library's own example does it: whoever loses the connection starts again.
  informer.on('error', () => setTimeout(() => informer.start(), 200));
  return informer;
}

/** Every `[name, round]` and deletion that a plain watch has told of. */
type Told = readonly [type: string, name: string, round: string];

/** A watch that goes on from the last version it has seen, as client-go's reflector does. */
function keepWatching(from: string, told: Told[], signal: AbortSignal): Promise<void> {
  const watch = new Watch(config);
  let resourceVersion = from;
  const follow = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onEvent = (type: string, object: V1ConfigMap) => {
      resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
      if (type !== 'BOOKMARK') told.push([type, object.metadata?.name ?? '', object.data?.['round'] ?? '']);
    };
    const request = await watch.watch(PATH, { resourceVersion }, onEvent, () => resolve());
    signal.addEventListener('abort', () => request.abort());
    await promise;
  };
  return (async () => {
    while (!signal.aborted) {
      await follow();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
}

describe('the official client', () => {
  it(`keeps an informer over ${OBJECTS} objects through a restart of the server`, async () => {
    const seen = new Seen();
    const informer = startInformer(seen);
    await informer.start();
    await eventually(() => expect(informer.list().length).toBeGreaterThanOrEqual(OBJECTS), {
      what: 'the informer has everything',
    });
    await changeAllAcrossRestart(1);
    await api.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: nameOf(0) });
    await eventually(() => expect(seen.deleted).toEqual([nameOf(0)]), {
      what: 'the informer has seen the last change',
    });
    await informer.stop();
    const { items } = await api.listNamespacedConfigMap({ namespace: NAMESPACE });
    const versions = (objects: readonly V1ConfigMap[]) =>
      objects.map(({ metadata }) => `${metadata?.name} ${metadata?.resourceVersion}`).sort();
    expect(versions(informer.list())).toEqual(versions(items));
    expect(new Set(seen.added).size).toBe(seen.added.length);
    expect(new Set(seen.versions).size).toBe(seen.versions.length);
  });

  it('is told of every change exactly once, in order, by a watch that goes on after a restart', async () => {
    const { metadata } = await api.listNamespacedConfigMap({ namespace: NAMESPACE, limit: 1 });
    await api.createNamespacedConfigMap({ namespace: NAMESPACE, body: body(0, 1) });
    const told: Told[] = [];
    const abort = new AbortController();
    const watching = keepWatching(metadata?.resourceVersion ?? '', told, abort.signal);
    await changeAllAcrossRestart(2);
    const changes = OBJECTS + 1;
    await eventually(() => expect(told.length).toBeGreaterThanOrEqual(changes), {
      what: 'the watch has seen the last change',
    });
    abort.abort();
    await watching;
    expect(told[0]).toEqual(['ADDED', nameOf(0), '1']);
    const expected = Array.from({ length: OBJECTS }, (_, at) => `MODIFIED ${nameOf(at)} 2`);
    expect(
      told
        .slice(1)
        .map((event) => event.join(' '))
        .sort(),
    ).toEqual(expected);
  });
});
