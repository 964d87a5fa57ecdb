import { mkdtemp, rm } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdmissionPlugins } from '../../admission/plugins.ts';
import { authenticateCertificate } from '../../auth/authenticate.ts';
import { authorizeMasters } from '../../auth/authorize.ts';
import { ensurePki, type Pki } from '../../auth/pki.ts';
import { createFakePodman } from '../../host/fake-podman.ts';
import { catalogue } from '../../kinds/catalogue.ts';
import { findSchema } from '../../kinds/schema.ts';
import { createRegistry } from '../../registry/create-registry.ts';
import type { Registry } from '../../registry/registry.ts';
import { createMemoryStore } from '../../store/memory-store.ts';
import { createPodStreams } from '../../streams/create-pod-streams.ts';
import { createFakeJournal } from '../../../systemd/fake-journal.ts';
import { createServer, type ServerOptions } from '../create-server.ts';

/** An API server for tests: the real registry over a memory store, fake drivers, an ephemeral port. */
export async function startServer(more: Partial<ServerOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'quadshift-server-'));
  const pki = await ensurePki({ folder: join(folder, 'pki'), kubeconfig: join(folder, 'kubeconfig') });
  const podman = createFakePodman();
  const journal = createFakeJournal();
  const registry = createTestRegistry();
  await registry.create(kindOf(registry, '', 'namespaces'), { metadata: { name: 'default' } });
  await registry.create(
    kindOf(registry, '', 'serviceaccounts'),
    { metadata: { name: 'default' } },
    { namespace: 'default' },
  );
  const errors: string[] = [];
  const quiet = (): void => {};
  const server = await createServer({
    registry,
    streams: createPodStreams({ podman, journal }),
    tls: { key: pki.serving.key, cert: pki.serving.certificate, ca: pki.authority.certificate },
    authenticate: authenticateCertificate,
    authorize: authorizeMasters,
    log: {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (fields, message) => errors.push(`${message} ${JSON.stringify(fields)}`),
    },
    listen: { host: '127.0.0.1', port: 0 },
    ...more,
  });
  const { port } = server.address;
  const tls = { ca: pki.authority.certificate, cert: pki.admin.certificate, key: pki.admin.key };
  const agent = new https.Agent({ ...tls, keepAlive: true });
  return {
    server,
    registry,
    podman,
    journal,
    pki,
    port,
    tls,
    /** What was logged as an error: tests expect none. */
    errors,
    request: (path: string, options: RequestOptions = {}) => request({ port, agent, path, options }),
    connect: () => http2.connect(`https://127.0.0.1:${port}`, tls),
    close: async () => {
      agent.destroy();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** What `startServer` gives. */
export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** Options of one request; JSON unless the headers say otherwise. */
export interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
  readonly agent?: https.Agent;
}

/** A response, read to its end. */
export interface TestResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any kind.
  readonly json: any;
}

/** A client whose certificate says who it is. */
export async function agentFor(pki: Pki, subject: string): Promise<https.Agent> {
  const { issueLeaf } = await import('../../auth/issue-certificate.ts');
  const notBefore = new Date(Date.now() - 1000);
  const notAfter = new Date(Date.now() + 60_000);
  const pair = await issueLeaf(pki.authority, { subject, usage: 'client', notBefore, notAfter });
  return new https.Agent({ ca: pki.authority.certificate, cert: pair.certificate, key: pair.key });
}

/** The definition of a kind; throws when there is none. */
export function kindOf(registry: Registry, group: string, plural: string) {
  const kind = registry.definition(group, plural);
  if (kind === undefined) throw new Error(`no ${plural}`);
  return kind;
}

function createTestRegistry(): Registry {
  const random = (below: number) => Math.floor(Math.random() * below);
  return createRegistry({
    store: createMemoryStore(),
    catalogue,
    schema: { lookup: findSchema },
    admission: createAdmissionPlugins({ serviceCidrs: ['10.43.0.0/16'], nodePorts: { first: 30_000, last: 32_767 }, random }),
    clock: Date.now,
    random,
  });
}

function request(call: {
  readonly port: number;
  readonly agent: https.Agent;
  readonly path: string;
  readonly options: RequestOptions;
}): Promise<TestResponse> {
  const { method = 'GET', body, headers = {} } = call.options;
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) };
  const { promise, resolve, reject } = Promise.withResolvers<TestResponse>();
  const sent = https.request(
    {
      host: '127.0.0.1',
      port: call.port,
      path: call.path,
      method,
      agent: call.options.agent ?? call.agent,
      headers: { ...length, ...headers },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = String(response.headers['content-type'] ?? '').startsWith('application/json');
        const json = isJson && text !== '' && !text.trim().includes('\n{') ? parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    },
  );
  sent.on('error', reject);
  sent.end(payload);
  return promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
