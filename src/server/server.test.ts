import https from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentFor, startServer, type TestServer } from './testdata/start-server.ts';

let api: TestServer;

beforeAll(async () => {
  api = await startServer();
});

afterAll(async () => {
  await api.close();
  expect(api.errors).toEqual([]);
});

const MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return api.request(path, { method: 'POST', body, headers });
}

test('an object goes through create, get, update, patch and delete', async () => {
  const created = await post(MAPS, { metadata: { name: 'round' }, data: { a: '1' } });
  expect([created.status, created.json.kind, created.json.metadata.namespace]).toEqual([201, 'ConfigMap', 'default']);
  expect((await api.request(`${MAPS}/round`)).json).toEqual(created.json);
  const changed = { ...created.json, data: { a: '2' } };
  expect((await api.request(`${MAPS}/round`, { method: 'PUT', body: changed })).json.data).toEqual({ a: '2' });
  const stale = await api.request(`${MAPS}/round`, { method: 'PUT', body: changed });
  expect([stale.status, stale.json.reason]).toEqual([409, 'Conflict']);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patched = await api.request(`${MAPS}/round`, { method: 'PATCH', headers, body: { data: { b: '3' } } });
  expect(patched.json.data).toEqual({ a: '2', b: '3' });
  const deleted = await api.request(`${MAPS}/round`, { method: 'DELETE' });
  expect([deleted.status, deleted.json.kind, deleted.json.status]).toEqual([200, 'Status', 'Success']);
  expect((await api.request(`${MAPS}/round`)).json).toMatchObject({
    message: 'configmaps "round" not found',
    reason: 'NotFound',
    details: { name: 'round', kind: 'configmaps' },
    code: 404,
  });
});

test('lists, tables and metadata come in the form that was asked for', async () => {
  await post(MAPS, { metadata: { name: 'forms', labels: { test: 'forms' } }, data: { a: '1' } });
  const path = `${MAPS}?labelSelector=test%3Dforms`;
  const list = await api.request(path);
  expect([list.json.kind, list.json.apiVersion, list.json.items.length]).toEqual(['ConfigMapList', 'v1', 1]);
  const table = await api.request(path, { headers: TABLE });
  expect(table.json.kind).toBe('Table');
  expect(table.json.rows[0]).toMatchObject({
    cells: ['forms', 1, expect.any(String)],
    object: { kind: 'PartialObjectMetadata', metadata: { name: 'forms' } },
  });
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const partial = await api.request(path, { headers: { accept } });
  expect(partial.json.items[0]).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: list.json.items[0].metadata,
  });
  const yaml = await api.request(`${MAPS}/forms`, { headers: { accept: 'application/yaml' } });
  expect(yaml.text).toContain('kind: ConfigMap\n');
  const refused = await api.request(path, { headers: { accept: 'text/html' } });
  expect([refused.status, refused.json.reason]).toEqual([406, 'NotAcceptable']);
});

test('YAML bodies are taken, garbled protobuf and unknown ones refused', async () => {
  const yaml = { 'content-type': 'application/yaml' };
  const created = await post(MAPS, 'metadata:\n  name: yaml\ndata:\n  a: "1"\n', yaml);
  expect([created.status, created.json.data]).toEqual([201, { a: '1' }]);
  const garbled = await post(MAPS, 'x', { 'content-type': 'application/vnd.kubernetes.protobuf' });
  expect([garbled.status, garbled.json.reason]).toEqual([400, 'BadRequest']);
  const refused = await post(MAPS, 'x', { 'content-type': 'application/cbor' });
  expect([refused.status, refused.json.reason]).toEqual([415, 'UnsupportedMediaType']);
});

test('broken bodies get the sentences that clients know', async () => {
  const broken = await post(MAPS, '{"a":');
  expect([broken.status, broken.json.message]).toEqual([
    400,
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a":)`,
  ]);
  const large = await post(MAPS, 'x'.repeat(3 * 1024 * 1024 + 1));
  expect([large.status, large.json.message]).toEqual([413, 'Request entity too large: limit is 3145728']);
});

test('keys that stand twice are warned about or refused', async () => {
  const body = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
  const warned = await post(`${MAPS}?dryRun=All`, body);
  expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "duplicate field \\"data.a\\""']);
  const refused = await post(`${MAPS}?fieldValidation=Strict`, body);
  expect([refused.status, refused.json.message]).toEqual([400, expect.stringContaining('duplicate field "data.a"')]);
  const yaml = { 'content-type': 'application/yaml' };
  const inYaml = 'metadata:\n  name: twice\ndata:\n  a: "1"\n  a: "2"\n';
  const line = 'line 5: key \\"a\\" already set in map';
  expect((await post(`${MAPS}?dryRun=All`, inYaml, yaml)).headers['warning']).toBe(`299 - "${line}"`);
  expect((await post(`${MAPS}?fieldValidation=Strict`, inYaml, yaml)).json.message).toBe(
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ' +
      'yaml: unmarshal errors:\n  line 5: key "a" already set in map',
  );
});

test('keys that stand twice in a patch are warned about or refused', async () => {
  await post(MAPS, { metadata: { name: 'patched-twice' } });
  const patch = (type: string, body: string, query: string) =>
    api.request(`${MAPS}/patched-twice?${query}`, { method: 'PATCH', headers: { 'content-type': type }, body });
  const merge = await patch('application/merge-patch+json', '{"data":{"a":"1","a":"2"}}', 'dryRun=All');
  expect([merge.status, merge.headers['warning']]).toEqual([200, '299 - "duplicate field \\"data.a\\""']);
  const strict = await patch('application/merge-patch+json', '{"data":{"a":"1","a":"2"}}', 'fieldValidation=Strict');
  expect([strict.status, strict.json.message]).toEqual([422, expect.stringContaining('duplicate field "data.a"')]);
  const applied = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "1"\n  a: "2"\n';
  const refused = await patch('application/apply-patch+yaml', applied, 'fieldManager=me&fieldValidation=Strict');
  expect([refused.status, refused.json.message]).toEqual([
    400,
    expect.stringContaining('yaml: unmarshal errors:\n  line 5: key "a" already set in map'),
  ]);
});

test('paths and methods that do not exist are told apart', async () => {
  const missing = await Promise.all(['/api/v1/foos', '/apis/apps/v9', '/api/v1/pods/x'].map((p) => api.request(p)));
  const nowhere = ['/nothing', '/apis/nobody.example/v1/foos', '/openapi/v1', '/version/x'];
  for (const path of nowhere) {
    const { status, headers, text } = await api.request(path);
    const type = headers['content-type'];
    expect({ path, status, type, text }).toEqual({
      path,
      status: 404,
      type: 'text/plain; charset=utf-8',
      text: '404 page not found\n',
    });
  }
  expect(missing.map(({ status, json }) => [status, json.reason])).toEqual(missing.map(() => [404, 'NotFound']));
  const wrong = [
    await post('/api/v1/pods', {}),
    await post(`${MAPS}/x`, {}),
    await api.request('/version', { method: 'DELETE' }),
  ];
  expect(wrong.map(({ status, json }) => [status, json.reason])).toEqual(wrong.map(() => [405, 'MethodNotAllowed']));
  expect((await api.request('/api/v1/%zz')).status).toBe(400);
});

test('strangers see health and version only, and others are told what they may not do', async () => {
  const stranger = new https.Agent({ ca: api.pki.authority.certificate });
  const known = await agentFor(api.pki, 'O=team, CN=x');
  const ask = (path: string, agent: https.Agent) => api.request(path, { agent });
  expect((await ask('/readyz', stranger)).text).toBe('ok');
  expect((await ask('/version', stranger)).json.gitVersion).toBe('v1.36.4+quadshift');
  expect([(await ask(MAPS, stranger)).status, (await ask('/metrics', stranger)).status]).toEqual([401, 401]);
  expect((await ask('/api/v1/namespaces/default/pods', known)).json).toMatchObject({
    code: 403,
    message: 'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"',
  });
});

test('scale is read and written through its subresource', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { app: 's' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  await post(path, {
    metadata: { name: 's' },
    spec: { replicas: 1, selector: { matchLabels: { app: 's' } }, template },
  });
  expect((await api.request(`${path}/s/scale`)).json).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 1 },
    status: { replicas: 0, selector: 'app=s' },
  });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const scale = (replicas: unknown) =>
    api.request(`${path}/s/scale`, { method: 'PATCH', headers, body: { spec: { replicas } } });
  expect((await scale(4)).json.spec).toEqual({ replicas: 4 });
  expect((await api.request(`${path}/s`)).json.spec.replicas).toBe(4);
  expect([(await scale(-1)).status, (await scale('x')).status]).toEqual([422, 400]);
  for (const body of [
    { metadata: { name: [1] } },
    { metadata: 's' },
    { kind: 7 },
    { metadata: { resourceVersion: {} } },
  ]) {
    expect((await api.request(`${path}/s/scale`, { method: 'PATCH', headers, body })).status).toBe(400);
  }
  const yaml = { 'content-type': 'application/apply-patch+yaml' };
  const typed = { apiVersion: 'autoscaling/v1', kind: 'Scale' };
  for (const body of [{ apiVersion: -1 }, { ...typed, apiVersion: null }, { ...typed, metadata: 5 }, [1], 7, null]) {
    const asked = `${path}/s/scale?fieldManager=m`;
    expect((await api.request(asked, { method: 'PATCH', headers: yaml, body })).status).toBe(400);
  }
  const json = { 'content-type': 'application/json-patch+json' };
  for (const [field, status] of [
    ['apiVersion', 200],
    ['kind', 200],
    ['metadata', 400],
  ] as const) {
    const body = [{ op: 'replace', path: `/${field}`, value: null }];
    expect((await api.request(`${path}/s/scale`, { method: 'PATCH', headers: json, body })).status).toBe(status);
  }
  const apply = (query: string, replicas: number) =>
    api.request(`${path}/s/scale?${query}`, {
      method: 'PATCH',
      headers: yaml,
      body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 's' }, spec: { replicas } },
    });
  const refused = await apply('fieldManager=hpa', 5);
  expect([refused.status, refused.json.details.causes[0].field]).toEqual([409, '.spec.replicas']);
  expect((await apply('fieldManager=hpa&force=true', 5)).json.spec).toEqual({ replicas: 5 });
  const managers = (await api.request(`${path}/s`)).json.metadata.managedFields;
  expect(managers.find((m: { manager: string }) => m.manager === 'hpa')).toMatchObject({
    operation: 'Apply',
    subresource: 'scale',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  });
});

test('discovery is answered whole or in parts, with entity tags', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const whole = await api.request('/apis', { headers: { accept } });
  const apps = whole.json.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'apps');
  const deployments = apps.versions[0].resources.find((r: { resource: string }) => r.resource === 'deployments');
  expect(deployments).toMatchObject({ scope: 'Namespaced', singularResource: 'deployment', shortNames: ['deploy'] });
  const again = await api.request('/apis', { headers: { accept, 'if-none-match': String(whole.headers['etag']) } });
  expect([again.status, again.text]).toEqual([304, '']);
  expect(whole.headers['cache-control']).toBe('public');
  const { subresources, responseKind } = deployments;
  expect(responseKind).toEqual({ group: '', version: '', kind: 'Deployment' });
  expect(
    subresources.map((item: { subresource: string; responseKind: object }) => [item.subresource, item.responseKind]),
  ).toEqual([
    ['scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' }],
    ['status', { group: '', version: '', kind: 'Deployment' }],
  ]);
  const older = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
  expect((await api.request('/apis', { headers: { accept: older } })).status).toBe(406);
  expect((await api.request('/apis', { headers: { accept: `${older},application/json` } })).json.kind).toBe(
    'APIGroupList',
  );
  const parts = await api.request('/apis/apps/v1');
  expect(parts.json.resources.find((r: { name: string }) => r.name === 'deployments').storageVersionHash).toBe(
    '8aSe+NMegvE=',
  );
  expect(parts.json.resources.map((r: { name: string }) => r.name)).toContain('deployments/scale');
});

test('OpenAPI v3 has a document per group, reachable through its index', async () => {
  const index = await api.request('/openapi/v3');
  const { serverRelativeURL } = index.json.paths['apis/apps/v1'];
  const document = await api.request(serverRelativeURL);
  expect(document.headers['cache-control']).toBe('public, immutable');
  expect(document.json.components.schemas['io.k8s.api.core.v1.Container']).toBeDefined();
  const operation = document.json.paths['/apis/apps/v1/namespaces/{namespace}/deployments'].post;
  expect(operation['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  expect(operation.parameters.map((p: { name: string }) => p.name)).toContain('fieldValidation');
});

test('OpenAPI v2 is one document of everything, in JSON and in the form of client-go', async () => {
  const { json, headers } = await api.request('/openapi/v2', { headers: { accept: 'application/json' } });
  expect(json.definitions['io.k8s.api.core.v1.ConfigMap'].properties.metadata).toEqual({
    $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  });
  expect(json.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
    type: 'string',
    format: 'int-or-string',
  });
  const { put } = json.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status'];
  expect(put.operationId).toBe('replaceAppsV1NamespacedDeploymentStatus');
  const names = Object.values<object>(json.paths)
    .flatMap((item) => Object.values(item))
    .flatMap(({ operationId }) => operationId ?? []);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(JSON.stringify(json)).not.toContain('#/components/');
  const etag = String(headers['etag']);
  const known = await api.request('/openapi/v2', { headers: { 'if-none-match': etag } });
  expect([known.status, known.text]).toEqual([304, '']);
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const binary = await api.request('/openapi/v2', { headers: { accept } });
  expect(binary.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  // Field 1 of the document: its Swagger version.
  expect(binary.text.slice(0, 5)).toBe('\n\x032.0');
  expect((await api.request('/openapi/v2', { headers: { accept: 'text/html' } })).status).toBe(406);
});

test('large answers are compressed, and pretty ones indented, when asked for', async () => {
  await post(MAPS, { metadata: { name: 'large' }, data: { a: 'x'.repeat(200_000) } });
  const zipped = await api.request(`${MAPS}/large`, { headers: { 'accept-encoding': 'gzip' } });
  expect([zipped.headers['content-encoding'], zipped.text.length < 10_000]).toEqual(['gzip', true]);
  const pretty = await api.request('/version?pretty=true');
  expect(pretty.text).toContain('\n  "major": "1"');
});

test('HTTP/2 clients get the same answers', async () => {
  const session = api.connect();
  const stream = session.request({ ':path': `${MAPS}/nothing` });
  let status = 0;
  stream.on('response', (headers) => {
    status = Number(headers[':status']);
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  session.close();
  expect([status, JSON.parse(chunks.join('')).reason]).toEqual([404, 'NotFound']);
});

test("metrics count what was asked under apiserver's names", async () => {
  await api.request(MAPS);
  const { text } = await api.request('/metrics');
  const labels = (verb: string, scope: string) =>
    `dry_run="",verb="${verb}",component="apiserver",group="",version="v1",resource="configmaps",subresource="",scope="${scope}"`;
  const lines = text.split('\n');
  const like = (start: string) => lines.filter((line: string) => line.startsWith(start)).length;
  expect(like(`apiserver_request_total{${labels('LIST', 'namespace')},code="200"} `)).toBe(1);
  expect(like(`apiserver_request_total{${labels('POST', 'resource')},code="201"} `)).toBe(1);
  expect(like(`apiserver_request_duration_seconds_bucket{${labels('LIST', 'namespace')},le="`)).toBe(24);
  expect(lines).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1');
  expect(lines).toContain('apiserver_resource_objects{group="",resource="namespaces"} 1');
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
});

test('pages for administrators tell flags and status', async () => {
  expect((await api.request('/flagz')).text).toMatch(/^\napiserver flagz\nWarning: /);
  expect((await api.request('/statusz')).text).toMatch(/^Emulation version= 1\.36\nPaths= \/flagz \/healthz /m);
});

test('connections of HTTP/1.1 are kept for longer than clients keep them', async () => {
  const { headers } = await api.request('/version');
  expect(headers['keep-alive']).toBe('timeout=90');
});
