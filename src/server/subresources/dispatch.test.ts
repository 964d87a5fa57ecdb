import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../testdata/start-server.ts';

let api: TestServer;
const bodies: object[] = [];

beforeAll(async () => {
  const binding = async ({ body }: { readonly body: object }) => {
    bodies.push(body);
    return { object: { kind: 'Status' } };
  };
  api = await startServer({ subresources: { 'pods/binding': binding } });
});

afterAll(() => api.close());

function bind(body: object) {
  return api.request('/api/v1/namespaces/default/pods/a/binding', { method: 'POST', body });
}

test('a handler of a subresource gets bodies in the shape of their type only', async () => {
  expect((await bind({ target: null, metadata: { name: 'a' }, other: 1 })).status).toBe(201);
  expect((await bind({ target: { kind: 'Node', name: 'host' } })).status).toBe(201);
  expect(bodies).toMatchObject([{ metadata: { name: 'a' } }, { target: { kind: 'Node', name: 'host' } }]);
  expect(JSON.stringify(bodies)).not.toMatch(/null|other/);
  const wrong = await bind({ target: 5 });
  expect([wrong.status, wrong.json.message]).toEqual([
    400,
    expect.stringContaining('Binding in version "v1" cannot be handled as a Binding: json: cannot unmarshal number'),
  ]);
});
