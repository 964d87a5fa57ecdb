import { generateKeyPairSync } from 'node:crypto';
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rbacEscalation } from '../admission/rbac-escalation.ts';
import { createEscalationCheck } from '../auth/rbac/escalation.ts';
import { createAuthorizer } from '../auth/rbac/rbac-authorizer.ts';
import { systemClock } from '../controllers/clock.ts';
import { startRuntime } from '../controllers/runtime.ts';
import { catalogue } from '../kinds/catalogue.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { type RequestOptions, startServer, type TestServer } from '../server/testdata/start-server.ts';
import { openAuth } from './open-auth.ts';

const stop = new AbortController();
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const judge = (lookup: Parameters<typeof createAuthorizer>[0]) =>
  createEscalationCheck(lookup, createAuthorizer(lookup));
const registry = createFakeRegistry(catalogue, { admission: [rbacEscalation(judge)] });
let house: TestServer;

function signingKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function seed(group: string, plural: string, namespace: string, object: object) {
  const kind = registry.definition(group, plural);
  if (kind === undefined) throw new Error(`no ${plural}`);
  await registry.create(kind, object, { namespace });
}

beforeAll(async () => {
  for (const name of ['kube-system', 'shop']) await seed('', 'namespaces', '', { metadata: { name } });
  await seed('', 'serviceaccounts', 'shop', { metadata: { name: 'builder' } });
  const options = { serviceAccount: signingKey(), server: 'https://host', clock: Date.now };
  const { controllers, authenticate, authorize, virtuals, subresources, documents } = openAuth({
    registry,
    ...options,
  });
  const runtime = startRuntime(controllers, { registry, clock: systemClock, log, signal: stop.signal });
  await runtime.idle();
  house = await startServer({ registry, authenticate, authorize, virtuals, subresources, documents });
});

afterAll(async () => {
  stop.abort();
  await house.close();
});

function post(path: string, body: object, headers: RequestOptions['headers'] = {}) {
  return house.request(path, { method: 'POST', body, headers });
}

const as = (user: string) => ({ 'impersonate-user': user });
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const roleRef = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
const subject = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name });

describe('the joined house', () => {
  test('gives an account a token that speaks for it, with no more rights than bindings give', async () => {
    const created = await post('/api/v1/namespaces/shop/serviceaccounts/builder/token', { spec: {} });
    expect(created.status).toBe(201);
    const { token } = created.json.status;
    const agent = new https.Agent({ ca: house.pki.authority.certificate });
    const send = (path: string) => house.request(path, { agent, headers: { authorization: `Bearer ${token}` } });
    const list = await send('/api/v1/namespaces/shop/pods');
    expect([list.status, list.json.message]).toEqual([
      403,
      'pods is forbidden: User "system:serviceaccount:shop:builder" cannot list resource "pods" in API group "" in the namespace "shop"',
    ]);
    expect((await send('/apis')).status).toBe(200);
    agent.destroy();
    const review = await post('/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token: created.json.status.token },
    });
    expect(review.json.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:shop:builder' },
    });
  });

  test('answers reviews and stores none', async () => {
    const before = registry.revision;
    const spec = { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'shop' } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect((await post(path, { spec })).json.status).toMatchObject({ allowed: true });
    expect((await post(path, { spec }, as('eve'))).json.status).toEqual({ allowed: false });
    expect((await post(`${path}?fieldValidation=Strict`, { spec: { ...spec, x: 1 } })).status).toBe(400);
    expect((await house.request(path)).status).toBe(405);
    expect(registry.revision).toBe(before);
  });

  test('takes protobuf', async () => {
    const hex =
      '6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c665375626a656374416363657373526576696577123a0a100a0012001a0022002a00320038004200121c0a1a0a0473686f7012046c6973741a0022002a04706f647332003a001a08080012001a0020001a002200';
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    const body = Buffer.from(hex, 'hex').toString('latin1');
    const answer = await house.request(path, { method: 'POST', body, headers });
    expect(answer.json).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } });
    const garbage = await house.request(path, { method: 'POST', body: 'k8s', headers });
    expect(garbage.status).toBe(400);
  });

  test('lets nobody grant more than he has', async () => {
    const rules = [
      { verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings', 'roles'] },
      { verbs: ['list'], apiGroups: [''], resources: ['pods'] },
    ];
    await post(`${RBAC}/clusterroles`, { metadata: { name: 'granter' }, rules });
    const binding = { metadata: { name: 'granter' }, roleRef: roleRef('granter'), subjects: [subject('bob')] };
    expect((await post(`${RBAC}/clusterrolebindings`, binding)).status).toBe(201);
    const role = (resource: string) => ({
      metadata: { name: resource },
      rules: [{ verbs: ['list'], apiGroups: [''], resources: [resource] }],
    });
    const roles = `${RBAC}/namespaces/shop/roles`;
    expect((await post(roles, role('pods'), as('bob'))).status).toBe(201);
    const refused = await post(roles, role('secrets'), as('bob'));
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'roles.rbac.authorization.k8s.io "secrets" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["list"]}',
    ]);
    const grant = { metadata: { name: 'x' }, roleRef: roleRef('edit'), subjects: [subject('bob')] };
    expect((await post(`${RBAC}/namespaces/shop/rolebindings`, grant, as('bob'))).status).toBe(403);
  });

  test('sees a binding as soon as it is written', async () => {
    const pods = '/api/v1/namespaces/shop/pods';
    const list = () => house.request(pods, { headers: as('carol') });
    expect((await list()).status).toBe(403);
    const binding = { metadata: { name: 'carol' }, roleRef: roleRef('view'), subjects: [subject('carol')] };
    await post(`${RBAC}/namespaces/shop/rolebindings`, binding);
    expect((await list()).status).toBe(200);
    await house.request(`${RBAC}/namespaces/shop/rolebindings/carol`, { method: 'DELETE' });
    expect((await list()).status).toBe(403);
  });

  test('publishes the keys that verify its tokens', async () => {
    expect((await house.request('/.well-known/openid-configuration')).json).toMatchObject({
      jwks_uri: 'https://host/openid/v1/jwks',
    });
    const keys = await house.request('/openid/v1/jwks');
    expect([keys.headers['content-type'], JSON.parse(keys.text).keys.length]).toEqual(['application/jwk-set+json', 1]);
    expect((await house.request('/openid/v1/jwks', { headers: as('eve') })).status).toBe(403);
  });
});
