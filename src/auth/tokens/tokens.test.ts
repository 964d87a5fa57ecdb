import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Pod, ServiceAccount } from '../../kinds/types.ts';
import type { StatusError } from '../../machinery/status-error.ts';
import { jsonWebKeySet, openIdConfiguration } from './discovery.ts';
import { issueToken } from './issue-token.ts';
import { createTokenKey } from './json-web-token.ts';
import { createTokenAuthenticator, createTokenJudge, DEFAULT_ISSUER } from './token-authenticator.ts';
import type { AccountClaims } from './token-claims.ts';
import { createTokenRequestHandler } from './token-request.ts';

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return createTokenKey({
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
}

const START = Date.UTC(2026, 0, 1);
const key = newKey();
const account: ServiceAccount = { metadata: { name: 'builder', namespace: 'shop', uid: 'a-1' } };
const pod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'p-1' },
  spec: { serviceAccountName: 'builder', nodeName: 'n', containers: [] },
} as Pod;

/** A small house: what exists, what time it is, and the parts that answer. */
function house() {
  const state = { account: account as ServiceAccount | undefined, pod: pod as Pod | undefined, now: START };
  const lookup = {
    serviceAccount: (namespace: string, name: string) =>
      namespace === 'shop' && name === 'builder' ? state.account : undefined,
    pod: (_: string, name: string) => (name === 'web' ? state.pod : undefined),
    secret: () => undefined,
    node: (name: string) => (name === 'n' ? { metadata: { name, uid: 'n-1' } } : undefined),
  };
  const issuer = { key, issuer: DEFAULT_ISSUER, clock: () => state.now, uuid: () => 'id-1' };
  const judge = createTokenJudge({ ...issuer, lookup });
  const request = createTokenRequestHandler({ ...issuer, lookup, audiences: [DEFAULT_ISSUER], maxLifeSeconds: 86_400 });
  const claims: AccountClaims = {
    namespace: 'shop',
    serviceaccount: { name: 'builder', uid: 'a-1' },
    pod: { name: 'web', uid: 'p-1' },
    node: { name: 'n', uid: 'n-1' },
  };
  const issue = (more: { audiences?: readonly string[]; account?: AccountClaims } = {}) =>
    issueToken(issuer, { account: claims, audiences: [DEFAULT_ISSUER], lifeSeconds: 3600, ...more }).token;
  return {
    state,
    judge: (token: string, audiences: readonly string[] = [DEFAULT_ISSUER]) => judge(token, audiences),
    request,
    issue,
    issuer,
  };
}

describe('a token', () => {
  test('is verified by the key that signed it and by no other', () => {
    const token = key.sign({ a: 1 });
    expect(key.verify(token)).toEqual({ a: 1 });
    expect(newKey().verify(token)).toBeUndefined();
    const [head, , signature] = token.split('.');
    const forged = Buffer.from('{"a":2}').toString('base64url');
    expect(key.verify(`${head}.${forged}.${signature}`)).toBeUndefined();
    expect(['', 'a.b.c', '..', `${token}.x`, 'a'.repeat(5000)].map((text) => key.verify(text))).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('without a signature is nothing, whatever its header says', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(key.verify(`${part({ alg: 'none' })}.${part({ sub: 'root' })}.`)).toBeUndefined();
    expect(key.verify(`${part({ alg: 'HS256' })}.${part({ sub: 'root' })}.AAAA`)).toBeUndefined();
  });

  test('names the account, its groups and what it is bound to', () => {
    const { judge, issue } = house();
    expect(judge(issue())).toEqual({
      ok: true,
      audiences: [DEFAULT_ISSUER],
      user: {
        name: 'system:serviceaccount:shop:builder',
        uid: 'a-1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/credential-id': ['JTI=id-1'],
          'authentication.kubernetes.io/node-name': ['n'],
          'authentication.kubernetes.io/node-uid': ['n-1'],
          'authentication.kubernetes.io/pod-name': ['web'],
          'authentication.kubernetes.io/pod-uid': ['p-1'],
        },
      },
    });
  });

  test('carries the claims that upstream has', () => {
    const { issue } = house();
    const seconds = START / 1000;
    expect(key.verify(issue())).toEqual({
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: 'system:serviceaccount:shop:builder',
      aud: ['https://kubernetes.default.svc.cluster.local'],
      exp: seconds + 3600,
      iat: seconds,
      nbf: seconds,
      jti: 'id-1',
      'kubernetes.io': {
        namespace: 'shop',
        serviceaccount: { name: 'builder', uid: 'a-1' },
        pod: { name: 'web', uid: 'p-1' },
        node: { name: 'n', uid: 'n-1' },
      },
    });
  });

  test('ends with its time, its account or its pod, also when it was good before', () => {
    const ends = (change: (state: ReturnType<typeof house>['state']) => void) => {
      const { judge, issue, state } = house();
      const token = issue();
      expect(judge(token).ok).toBe(true);
      change(state);
      const judgement = judge(token);
      return judgement.ok ? '' : judgement.error.replace('[invalid bearer token, ', '').replace(']', '');
    };
    const deletionTimestamp = new Date(START - 61_000).toISOString();
    expect([
      ends((state) => (state.now += 3_600_000)),
      ends((state) => (state.now += 3_661_000)),
      ends((state) => (state.now -= 61_000)),
      ends((state) => (state.account = undefined)),
      ends((state) => (state.account = { metadata: { ...account.metadata, uid: 'a-2' } })),
      ends((state) => (state.pod = undefined)),
      ends((state) => (state.pod = { ...pod, metadata: { ...pod.metadata, uid: 'p-2' } })),
      ends((state) => (state.pod = { ...pod, metadata: { ...pod.metadata, deletionTimestamp } })),
    ]).toEqual([
      '',
      'service account token has expired',
      'service account token is not valid yet',
      'serviceaccounts "builder" not found',
      'service account UID (a-2) does not match claim (a-1)',
      'service account token has been invalidated',
      'pod UID (p-2) does not match service account pod ref claim (p-1)',
      'service account token has been invalidated',
    ]);
  });

  test('is good for its audiences only', () => {
    const { judge, issue } = house();
    expect(judge(issue({ audiences: ['vault'] }), ['vault', 'api']).ok).toBe(true);
    expect(judge(issue({ audiences: ['vault'] }))).toEqual({
      ok: false,
      error: `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${DEFAULT_ISSUER}"]]`,
    });
  });

  test('authenticates a request; a bad one is refused, no token is somebody else’s business', async () => {
    const { judge, issue, state } = house();
    const authenticate = createTokenAuthenticator(judge, [DEFAULT_ISSUER]);
    const bearer = { authorization: `Bearer ${issue()}` };
    expect(await authenticate(bearer)).toMatchObject({ uid: 'a-1' });
    expect([await authenticate({}), await authenticate({ authorization: 'Basic eA==' })]).toEqual([
      undefined,
      undefined,
    ]);
    state.account = undefined;
    expect(() => authenticate(bearer)).toThrow('Unauthorized');
  });
});

describe('a TokenRequest', () => {
  const create = (spec: object, metadata: object = {}, name = 'builder') => {
    const { request } = house();
    return request({ key: { namespace: 'shop', name }, body: { metadata, spec } });
  };
  const refusal = (...call: Parameters<typeof create>) =>
    create(...call).then(
      () => 'allowed',
      (error: StatusError) => `${error.status.code} ${error.message}`,
    );

  test('is answered with a token for an hour and the API server, unless it says otherwise', async () => {
    const { object, warnings } = await create({});
    expect({ object, warnings }).toMatchObject({
      warnings: [],
      object: {
        kind: 'TokenRequest',
        metadata: { name: 'builder', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { audiences: [DEFAULT_ISSUER], expirationSeconds: 3600, boundObjectRef: null },
        status: { expirationTimestamp: '2026-01-01T01:00:00Z' },
      },
    });
  });

  test('binds to a pod of the account, and names its node', async () => {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'p-1' };
    const { object } = await create({ boundObjectRef, audiences: ['vault'], expirationSeconds: 600 });
    const { token } = (object as unknown as { status: { token: string } }).status;
    expect(key.verify(token)).toMatchObject({
      aud: ['vault'],
      exp: START / 1000 + 600,
      'kubernetes.io': { pod: { name: 'web', uid: 'p-1' }, node: { name: 'n', uid: 'n-1' } },
    });
  });

  test('longer than the house allows is cut with a warning', async () => {
    const { object, warnings } = await create({ expirationSeconds: 100_000 });
    expect(warnings).toEqual(['requested expiration of 100000 seconds shortened to 86400 seconds']);
    expect(object).toMatchObject({ spec: { expirationSeconds: 86_400 } });
  });

  test('is refused in upstream’s words', async () => {
    const bound = (more: object) => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web', ...more } });
    const invalid = '422 TokenRequest.authentication.k8s.io "" is invalid:';
    expect([
      await refusal({ expirationSeconds: 599 }),
      await refusal({ expirationSeconds: 2 ** 32 + 1 }),
      await refusal({}, { name: 'x' }),
      await refusal({}, {}, 'nobody'),
      await refusal(bound({ name: 'gone' })),
      await refusal(bound({ uid: 'p-0' })),
      await refusal(bound({ kind: 'Deployment', apiVersion: 'apps/v1' })),
      await refusal({ expirationSeconds: 'x' }),
    ]).toEqual([
      `${invalid} spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
      `${invalid} spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
      `${invalid} metadata.name: Invalid value: "x": must match the service account name if specified`,
      '404 serviceaccounts "nobody" not found',
      '404 pods "gone" not found',
      '409 Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (p-0) does not match the UID in record. The object might have been deleted and then recreated',
      '400 cannot bind token to object of type apps/v1, Kind=Deployment',
      '400 TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal string into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64',
    ]);
  });
});

test('others can verify our tokens by the discovery documents', () => {
  expect(openIdConfiguration('https://issuer', 'https://host:6443')).toMatchObject({
    issuer: 'https://issuer',
    jwks_uri: 'https://host:6443/openid/v1/jwks',
  });
  expect(jsonWebKeySet([key])).toMatchObject({
    keys: [{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: key.id, x: expect.any(String) }],
  });
});
