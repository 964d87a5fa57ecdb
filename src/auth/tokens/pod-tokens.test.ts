import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pod, ServiceAccount } from '../../kinds/types.ts';
import { createTokenKey } from './json-web-token.ts';
import { createPodTokens } from './pod-tokens.ts';
import { createTokenJudge } from './token-authenticator.ts';

const pair = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const HOUR = 3_600_000;
const ISSUER = 'https://issuer';
const projected = (sources: readonly object[]): object => ({ name: 'v', projected: { sources } });
const pod = {
  metadata: { namespace: 'shop', name: 'web', uid: 'p1' },
  spec: {
    nodeName: 'host',
    serviceAccountName: 'app',
    containers: [],
    volumes: [
      projected([
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { serviceAccountToken: { path: 'vault', audience: 'vault', expirationSeconds: 7200 } },
      ]),
      { name: 'other', emptyDir: {} },
    ],
  },
} as unknown as Pod;

let now = 0;
let account: ServiceAccount | undefined;
let files: ReadonlyMap<string, string>;
const lookup = {
  serviceAccount: () => account,
  pod: () => pod,
  secret: () => undefined,
  node: () => ({ metadata: { name: 'host', uid: 'n1' } }),
};
const issuer = { key: createTokenKey(pair), issuer: ISSUER, clock: () => now, uuid: () => `id${now}`, lookup };
const gather = createPodTokens({ ...issuer, read: async (_, volume, path) => files.get(`${volume}/${path}`) });
const judge = createTokenJudge(issuer);

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  account = { metadata: { namespace: 'shop', name: 'app', uid: 'a1' } };
  files = new Map();
});

describe('tokens of a pod', () => {
  it('are bound to it, for their audience, and good for a year when the admission asked', async () => {
    const { tokens } = await gather(pod);
    const extra = {
      'authentication.kubernetes.io/pod-name': ['web'],
      'authentication.kubernetes.io/pod-uid': ['p1'],
      'authentication.kubernetes.io/node-name': ['host'],
    };
    now += 300 * 24 * HOUR;
    expect(judge(tokens.get('v/token') ?? '', [ISSUER])).toMatchObject({
      ok: true,
      user: { name: 'system:serviceaccount:shop:app', extra },
    });
    expect(judge(tokens.get('v/vault') ?? '', ['vault'])).toMatchObject({ ok: false });
    now -= 300 * 24 * HOUR - HOUR;
    expect(judge(tokens.get('v/vault') ?? '', ['vault'])).toMatchObject({ ok: true });
  });

  it('stay while they are fresh, and are renewed when four fifths of the time asked for are over', async () => {
    const first = await gather(pod);
    expect(first.renewAfterMs).toBe(0.8 * 3_607_000);
    files = first.tokens;
    now += 0.5 * HOUR;
    expect((await gather(pod)).tokens).toEqual(files);
    now += 0.4 * HOUR;
    const later = await gather(pod);
    expect(later.tokens.get('v/token')).not.toBe(files.get('v/token'));
    expect(later.tokens.get('v/vault')).toBe(files.get('v/vault'));
  });

  it('are made anew when the clock was put back: nobody takes one of the future', async () => {
    files = (await gather(pod)).tokens;
    now -= 24 * HOUR;
    const { tokens } = await gather(pod);
    expect(judge(files.get('v/token') ?? '', [ISSUER])).toMatchObject({ ok: false });
    expect(judge(tokens.get('v/token') ?? '', [ISSUER])).toMatchObject({ ok: true });
  });

  it('are made anew for an account that was made anew', async () => {
    files = (await gather(pod)).tokens;
    account = { metadata: { uid: 'a2' } };
    now += 1000;
    const { tokens } = await gather(pod);
    expect(tokens.get('v/token')).not.toBe(files.get('v/token'));
  });

  it('can not be had without an account; what the pod has stays', async () => {
    account = undefined;
    const message = 'failed to fetch token: serviceaccounts "app" not found';
    expect((await gather(pod)).failures).toEqual([
      { volume: 'v', message },
      { volume: 'v', message },
    ]);
    files = new Map([['v/token', 'old']]);
    const { tokens, renewAfterMs, failures } = await gather(pod);
    expect([[...tokens], renewAfterMs, failures.length]).toEqual([[['v/token', 'old']], 10_000, 1]);
  });

  it('are none for a pod that asks for none', async () => {
    const none = await gather({ spec: { containers: [] } });
    expect(none).toEqual({ tokens: new Map(), renewAfterMs: undefined, failures: [] });
  });
});
