import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigMap, Pod, Secret } from '../../kinds/types.ts';
import { hostedPods } from './inventory.ts';
import { planPodUnits } from './plan.ts';
import { nextAddress } from './pod-address.ts';
import { pullAuth } from './pull-auth.ts';
import { missingReferences } from './references.ts';
import { forbiddenSysctl } from './sysctls.ts';

describe('addresses', () => {
  it('are given out one after the other, all of them, none twice, without network, gateway, broadcast and those for timers', () => {
    const taken = new Set<string>();
    let last: string | undefined;
    for (;;) {
      const next = nextAddress('10.42.7.0/28', taken, last);
      if (next === undefined) break;
      taken.add(next);
      last = next;
    }
    expect([...taken]).toEqual(Array.from({ length: 12 }, (_, i) => `10.42.7.${i + 2}`));
  });

  it('are always free and inside the range', () => {
    const octet = fc.integer({ min: 2, max: 254 });
    fc.assert(
      fc.property(fc.uniqueArray(octet, { maxLength: 200 }), fc.option(octet, { nil: undefined }), (used, last) => {
        const taken = new Set(used.map((n) => `10.0.0.${n}`));
        const next = nextAddress('10.0.0.0/24', taken, last === undefined ? undefined : `10.0.0.${last}`);
        expect(next).toMatch(/^10\.0\.0\.\d+$/);
        expect(taken.has(next ?? '')).toBe(false);
      }),
    );
  });
});

describe('references', () => {
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      containers: [
        {
          name: 'app',
          env: [
            { name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'a' } } },
            { name: 'B', valueFrom: { secretKeyRef: { name: 'sec', key: 'b' } } },
            { name: 'C', valueFrom: { secretKeyRef: { name: 'none', key: 'c', optional: true } } },
          ],
          envFrom: [{ configMapRef: { name: 'all' } }],
        },
      ],
      volumes: [{ name: 'v', secret: { secretName: 'tls' } }],
    },
  };

  it('that are missing are named as the kubelet names them', () => {
    const configMaps = new Map<string, ConfigMap>([['cm', { metadata: {}, data: { other: '' } }]]);
    const found = missingReferences(pod, { configMaps, secrets: new Map() }).map((m) => m.message);
    expect(found).toEqual([
      'secret "tls" not found',
      'configmap "all" not found',
      "couldn't find key a in ConfigMap shop/cm",
      'secret "sec" not found',
    ]);
  });

  it('of a volume need the keys that it picks, and are told once', () => {
    const items = ['a', 'b', 'c'].map((key) => ({ key, path: key }));
    const volumes = [
      { name: 'v', configMap: { name: 'cm', items } },
      { name: 's', projected: { sources: [{ secret: { name: 'sec', items } }] } },
      { name: 'o', configMap: { name: 'cm', items, optional: true } },
      { name: 'n', secret: { secretName: 'none', items } },
    ];
    const configMaps = new Map<string, ConfigMap>([['cm', { metadata: {}, data: { a: '' } }]]);
    const secrets = new Map<string, Secret>([['sec', { metadata: {}, data: { a: '', b: '' } }]]);
    const found = missingReferences({ metadata: {}, spec: { containers: [], volumes } }, { configMaps, secrets });
    expect(found.map(({ reference, message }) => [reference.volume, message])).toEqual([
      ['v', 'references non-existent config key: b'],
      ['s', 'references non-existent secret key: c'],
      ['n', 'secret "none" not found'],
    ]);
  });
});

describe('pull secrets', () => {
  it('serve the registry that they are for, the most specific first', () => {
    const auth = (text: string): string => Buffer.from(text).toString('base64');
    const auths = {
      'https://index.docker.io/v1/': { auth: auth('hub:h:1') },
      'registry.example': { username: 'all', password: 'a' },
      'registry.example/team': { username: 'team', password: 't' },
    };
    const data = { '.dockerconfigjson': auth(JSON.stringify({ auths })) };
    const secret: Secret = { metadata: { name: 's' }, type: 'kubernetes.io/dockerconfigjson', data };
    const pod: Pod = { metadata: {}, spec: { containers: [], imagePullSecrets: [{ name: 's' }] } };
    const of = (image: string) => pullAuth(image, pod, new Map([['s', secret]]));
    expect(of('nginx:1')).toEqual({ username: 'hub', password: 'h:1' });
    expect(of('registry.example/team/app:1')).toEqual({ username: 'team', password: 't' });
    expect(of('registry.example/other:1')).toEqual({ username: 'all', password: 'a' });
    expect(of('registry.example.evil/x')).toBeUndefined();
  });
});

describe('the plan for a pod name', () => {
  const pod = (more: object = {}, status: object = {}): Pod =>
    ({ metadata: { name: 'web', namespace: 'a', uid: 'u1', ...more }, spec: { containers: [] }, status }) as Pod;
  const mine = { uid: 'u1', units: ['qs-a_web.service'] };
  const other = { uid: 'u0', units: ['qs-a_web.service'] };
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 7 };

  it.each([
    ['runs a new pod', { pod: pod(), hosted: [] }, { action: 'run' }],
    ['runs a pod that has its units', { pod: pod(), hosted: [mine] }, { action: 'run' }],
    [
      'first removes a predecessor',
      { pod: pod(), hosted: [other] },
      { action: 'teardown', pods: [other], graceSeconds: 0 },
    ],
    [
      'removes what nobody owns',
      { pod: undefined, hosted: [mine] },
      { action: 'teardown', pods: [mine], graceSeconds: 0 },
    ],
    [
      'stops with the grace asked for',
      { pod: pod(deleting), hosted: [mine] },
      { action: 'teardown', pods: [mine], graceSeconds: 7 },
    ],
    ['lets a stopped pod go', { pod: pod(deleting), hosted: [] }, { action: 'finalize' }],
    [
      'removes the units of a finished pod',
      { pod: pod({}, { phase: 'Failed' }), hosted: [mine] },
      { action: 'teardown', pods: [mine], graceSeconds: 30 },
    ],
    ['leaves a finished pod alone', { pod: pod({}, { phase: 'Succeeded' }), hosted: [] }, { action: 'none' }],
    ['knows nothing of an unknown name', { pod: undefined, hosted: [] }, { action: 'none' }],
  ])('%s', (_, facts, plan) => {
    expect(planPodUnits(facts)).toEqual(plan);
  });
});

it('the inventory knows a pod by its files, and takes no other owner for one', () => {
  const entries = [
    { root: 'quadlet', path: 'qs-a_web.pod', owner: 'u1' },
    { root: 'quadlet', path: 'qs-a_web_app.container', owner: 'u1' },
    { root: 'unit', path: 'qs-a_web.service', owner: 'u1' },
    { root: 'unit', path: 'multi-user.target.wants/qs-a_web.service', owner: 'u1' },
    { root: 'state', path: 'pods/u2/gate.sh', owner: 'u2' },
    { root: 'unit', path: 'qs-a_half.service', owner: 'u2' },
    { root: 'unit', path: 'qs-cron.timer', owner: 'u3' },
    { root: 'quadlet', path: 'quadshift.network', owner: '' },
  ] as const;
  expect(hostedPods(entries)).toEqual([
    { uid: 'u1', units: ['qs-a_web__pod.service', 'qs-a_web_app.service', 'qs-a_web.service'] },
    { uid: 'u2', units: ['qs-a_half.service'] },
  ]);
});

describe('forbiddenSysctl', () => {
  const pod = (names: readonly string[], more: Pod['spec'] | object = {}): Pod => ({
    spec: { containers: [], securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) }, ...more },
  });

  it('lets pods set what is safe, and what the configuration allows', () => {
    expect(forbiddenSysctl(pod(['net/ipv4/tcp_syncookies', 'kernel.shm_rmid_forced']), [])).toBeUndefined();
    expect(forbiddenSysctl(pod(['kernel.msgmax']), [])).toBe('"kernel.msgmax" not allowlisted');
    expect(forbiddenSysctl(pod(['kernel.msgmax']), ['kernel.msg*'])).toBeUndefined();
  });

  it('keeps them off the host', () => {
    expect(forbiddenSysctl(pod(['net.ipv4.tcp_rmem'], { hostNetwork: true }), [])).toBe(
      '"net.ipv4.tcp_rmem" not allowed with host net enabled',
    );
  });
});
