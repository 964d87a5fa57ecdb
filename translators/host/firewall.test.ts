import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../../src/kinds/types.ts';
import { createNftLedger } from '../formats/nft-ledger.ts';
import { createFirewallBook, type FirewallBook } from './firewall.ts';

const options = {
  serviceCidrs: ['10.43.0.0/16', 'fd00:43::/112'],
  podCidrs: ['10.42.0.0/16', 'fd00:42::/64'],
  nodeName: 'here',
};

type Objects = {
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
  readonly namespaces?: readonly Namespace[];
  readonly policies?: readonly NetworkPolicy[];
};

const keyOf = (object: { metadata?: { namespace?: string; name?: string } }): string =>
  `${object.metadata?.namespace}/${object.metadata?.name}`;

function fill(book: FirewallBook, objects: Objects): void {
  for (const service of objects.services ?? []) book.putService(keyOf(service), service);
  for (const slice of objects.slices ?? []) book.putSlice(keyOf(slice), slice);
  for (const pod of objects.pods ?? []) book.putPod(keyOf(pod), pod);
  for (const namespace of objects.namespaces ?? []) book.putNamespace(namespace.metadata?.name ?? '', namespace);
  for (const policy of objects.policies ?? []) book.putPolicy(keyOf(policy), policy);
}

/** The table of these objects, chains and elements by name. */
function tableOf(objects: Objects) {
  const book = createFirewallBook(options);
  fill(book, objects);
  const parts = [...book.take().parts.values()].filter((part) => part !== undefined);
  const chains = Object.assign({}, ...parts.map((part) => part.chains ?? {}));
  const elements: { [set: string]: { [key: string]: string } } = {};
  for (const [set, own] of parts.flatMap((part) => Object.entries(part.elements ?? {}))) {
    elements[set] = { ...elements[set], ...own };
  }
  return { rules: (chain: string): readonly string[] | undefined => chains[chain]?.rules, elements };
}

function service(spec: object = {}, status: object = {}): Service {
  const ports = [{ port: 80, protocol: 'TCP' }];
  const metadata = { namespace: 'shop', name: 'web' };
  return { metadata, spec: { clusterIP: '10.43.0.9', clusterIPs: ['10.43.0.9'], ports, ...spec }, status } as Service;
}

function slice(endpoints: readonly object[], addressType = 'IPv4'): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': 'web' };
  const ports = [{ name: '', port: 8080, protocol: 'TCP' }];
  const metadata = { namespace: 'shop', name: `web-${addressType}`, labels };
  return { metadata, addressType, ports, endpoints } as unknown as EndpointSlice;
}

const at = (address: string, conditions: object = { ready: true }, nodeName = 'here') => ({
  addresses: [address],
  conditions,
  nodeName,
});
const READY = at('10.42.0.5');
const ELSEWHERE = at('192.0.2.7', { ready: true }, 'there');
const OUTSIDE = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] };

describe('a Service', () => {
  it('leads its address to a random ready endpoint', () => {
    const { rules, elements } = tableOf({
      services: [service(OUTSIDE)],
      slices: [slice([READY, at('10.42.0.6'), at('10.42.0.7', { ready: false })])],
    });
    expect(elements['service-addresses']).toEqual({ '10.43.0.9 . tcp . 80': 'goto service-shop/web/tcp/80' });
    expect(elements['service-ports']).toEqual({ 'tcp . 30080': 'goto service-shop/web/tcp/80' });
    expect(rules('service-shop/web/tcp/80')).toEqual([
      'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.42.0.5 . 8080, 1 : 10.42.0.6 . 8080 }',
    ]);
    expect(elements['hairpin']).toEqual({ '10.42.0.5 . 10.42.0.5': '', '10.42.0.6 . 10.42.0.6': '' });
  });

  it('refuses without endpoints', () => {
    const { elements } = tableOf({ services: [service(OUTSIDE)] });
    expect(elements['unserved-addresses']).toEqual({ '10.43.0.9 . tcp . 80': 'goto refuse' });
    expect(elements['unserved-ports']).toEqual({ 'tcp . 30080': 'goto refuse' });
    expect(elements['service-addresses']).toBeUndefined();
  });

  it('falls back to endpoints that serve while they end', () => {
    const ending = at('10.42.0.8', { ready: false, serving: true, terminating: true });
    const only = tableOf({ services: [service()], slices: [slice([ending, at('10.42.0.7', { ready: false })])] });
    expect(only.rules('service-shop/web/tcp/80')?.[0]).toContain('mod 1 map { 0 : 10.42.0.8 . 8080 }');
    const beside = tableOf({ services: [service()], slices: [slice([ending, READY])] });
    expect(beside.rules('service-shop/web/tcp/80')?.[0]).toContain('mod 1 map { 0 : 10.42.0.5 . 8080 }');
  });

  it('answers in both families with endpoints of each', () => {
    const clusterIPs = ['10.43.0.9', 'fd00:43:0::9'];
    const slices = [slice([READY]), slice([at('fd00:42::5')], 'IPv6')];
    const { rules, elements } = tableOf({ services: [service({ ...OUTSIDE, clusterIPs })], slices });
    expect(elements['service-addresses6']).toEqual({ 'fd00:43::9 . tcp . 80': 'goto service-shop/web/tcp/80/ipv6' });
    expect(elements['service-ports6']).toEqual({ 'tcp . 30080': 'goto service-shop/web/tcp/80/ipv6' });
    expect(rules('service-shop/web/tcp/80/ipv6')?.[0]).toContain(
      'dnat ip6 to numgen random mod 1 map { 0 : fd00:42::5',
    );
  });

  it('keeps to this node inside when its policy says so, and drops while nothing is here', () => {
    const spec = { internalTrafficPolicy: 'Local' };
    const both = tableOf({ services: [service(spec)], slices: [slice([READY, ELSEWHERE])] });
    expect(both.elements['service-addresses']).toEqual({ '10.43.0.9 . tcp . 80': 'goto local-shop/web/tcp/80' });
    expect(both.rules('local-shop/web/tcp/80')?.[0]).toContain('mod 1 map { 0 : 10.42.0.5 . 8080 }');
    expect(both.rules('service-shop/web/tcp/80')).toBeUndefined();
    const none = tableOf({ services: [service(spec)], slices: [slice([ELSEWHERE])] });
    expect(none.elements['unserved-addresses']).toEqual({ '10.43.0.9 . tcp . 80': 'drop' });
    expect(tableOf({ services: [service(spec)] }).elements['unserved-addresses']).toEqual({
      '10.43.0.9 . tcp . 80': 'goto refuse',
    });
  });

  it('keeps outsiders to this node when its policy says so, but not pods and the host', () => {
    const spec = { ...OUTSIDE, externalTrafficPolicy: 'Local' };
    const { rules, elements } = tableOf({ services: [service(spec)], slices: [slice([READY, ELSEWHERE])] });
    expect(elements['service-ports']).toEqual({ 'tcp . 30080': 'goto external-shop/web/tcp/80' });
    expect(rules('external-shop/web/tcp/80')).toEqual([
      'ip saddr 10.42.0.0/16 goto service-shop/web/tcp/80',
      'fib saddr type local goto service-shop/web/tcp/80',
      'goto local-shop/web/tcp/80',
    ]);
    const none = tableOf({ services: [service(spec)], slices: [slice([ELSEWHERE])] });
    expect(none.rules('external-shop/web/tcp/80')).toHaveLength(2);
    expect(none.elements['unserved-ports']).toEqual({ 'tcp . 30080': 'drop' });
  });

  it('hides who asks from endpoints elsewhere only', () => {
    const { elements } = tableOf({ services: [service()], slices: [slice([READY, ELSEWHERE])] });
    expect(elements['remote-endpoints']).toEqual({ '192.0.2.7 . tcp . 8080': '' });
  });

  it('guards the addresses of its load balancer, and those only', () => {
    const ingress = [
      { ip: '192.0.2.1', ipMode: 'VIP' },
      { ip: '192.0.2.2', ipMode: 'Proxy' },
    ];
    const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: [' 198.51.100.0/24', 'fd00::/8'] };
    const one = service({ ...spec, externalIPs: ['192.0.2.9'] }, { loadBalancer: { ingress } });
    const { rules, elements } = tableOf({ services: [one], slices: [slice([READY])] });
    expect(elements['guarded-addresses']).toEqual({ '192.0.2.1 . tcp . 80': 'jump guard-shop/web/tcp/80' });
    expect(Object.keys(elements['service-addresses'] ?? {}).sort()).toEqual([
      '10.43.0.9 . tcp . 80',
      '192.0.2.1 . tcp . 80',
      '192.0.2.9 . tcp . 80',
    ]);
    expect(rules('guard-shop/web/tcp/80')).toEqual(['ip saddr 198.51.100.0/24 return', 'drop']);
  });

  it('keeps a client with its endpoint as long as it asks for', () => {
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } };
    const spec = { sessionAffinity: 'ClientIP', sessionAffinityConfig };
    const { rules } = tableOf({ services: [service(spec)], slices: [slice([READY])] });
    const set = 'affinity-shop/web/tcp/80/10.42.0.5/8080/60s';
    const endpoint = 'endpoint-shop/web/tcp/80/10.42.0.5/8080';
    expect(rules('service-shop/web/tcp/80')).toEqual([
      `ip saddr @${set} goto ${endpoint}`,
      `numgen random mod 1 vmap { 0 : goto ${endpoint} }`,
    ]);
    expect(rules(endpoint)).toEqual([`update @${set} { ip saddr }`, 'meta l4proto tcp dnat ip to 10.42.0.5:8080']);
  });

  it('keeps it for three hours where the time that is asked for is none, and names no chain longer than nft takes', () => {
    const namespace = 'long-'.repeat(40);
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 1e9 } };
    const one = service({ sessionAffinity: 'ClientIP', sessionAffinityConfig });
    const inside = { ...one, metadata: { ...one.metadata, namespace } } as Service;
    const endpoints = slice([READY]);
    const own = { ...endpoints, metadata: { ...endpoints.metadata, namespace } } as EndpointSlice;
    const book = createFirewallBook(options);
    fill(book, { services: [one, inside], slices: [endpoints, own] });
    const sets = [...book.take().parts.values()].map((part) => part?.sets ?? {});
    const times = sets.flatMap((each) => Object.values(each)).flatMap(({ timeoutSeconds }) => timeoutSeconds ?? []);
    expect(times).toEqual([10_800, 10_800]);
    expect(sets.flatMap((each) => Object.keys(each)).filter((each) => each.length > 127)).toEqual([]);
  });

  it('is left to others when its labels say so', () => {
    const foreign = {
      ...service(),
      metadata: { ...service().metadata, labels: { 'service.kubernetes.io/headless': '' } },
    };
    expect(tableOf({ services: [foreign], slices: [slice([READY])] }).elements).toEqual({});
    const one = slice([READY]);
    const labels = { ...one.metadata?.labels, 'service.kubernetes.io/service-proxy-name': 'other' };
    const without = tableOf({
      services: [service()],
      slices: [{ ...one, metadata: { ...one.metadata, labels } } as EndpointSlice],
    });
    expect(without.elements['unserved-addresses']).toEqual({ '10.43.0.9 . tcp . 80': 'goto refuse' });
  });
});

function pod(name: string, address: string, labels: object, more: object = {}): Pod {
  const metadata = { namespace: 'shop', name, labels, ...more };
  const containers = [{ ports: [{ name: 'http', containerPort: 8080 }] }];
  return { metadata, spec: { containers }, status: { phase: 'Running', podIP: address } } as unknown as Pod;
}

const WEB = pod('web', '10.42.0.5', { app: 'web' });
const CLIENT = pod('client', '10.42.0.6', { app: 'client' });
const STRANGER = pod('stranger', '10.42.0.7', { app: 'client' }, { namespace: 'other' });
const NAMESPACES = ['shop', 'other'].map((name) => ({ metadata: { name, labels: { name } } })) as Namespace[];
const pods = [WEB, CLIENT, STRANGER];

function policy(spec: object, name = 'rule'): NetworkPolicy {
  return { metadata: { namespace: 'shop', name }, spec } as unknown as NetworkPolicy;
}

describe('a NetworkPolicy', () => {
  const table = (spec: object) => tableOf({ pods, namespaces: NAMESPACES, policies: [policy(spec)] });
  const web = { matchLabels: { app: 'web' } };

  it('isolates what it selects, in the directions that it names', () => {
    const { rules, elements } = table({ podSelector: web, policyTypes: ['Ingress', 'Egress'] });
    expect(elements['isolated-ingress']).toEqual({ '10.42.0.5': 'goto isolate-shop/ingress/rule' });
    expect(elements['isolated-egress']).toEqual({ '10.42.0.5': 'goto isolate-shop/egress/rule' });
    expect(rules('isolate-shop/ingress/rule')).toEqual(['jump allow-shop/rule/ingress', 'drop']);
    expect(rules('allow-shop/rule/ingress')).toEqual([]);
  });

  it('names peers by their labels, in its namespace or by the namespace’s', () => {
    const client = { matchLabels: { app: 'client' } };
    const peers = (from: object[]) =>
      Object.keys(
        table({ podSelector: web, policyTypes: ['Ingress'], ingress: [{ from }] }).elements[
          'peers-shop/rule/ingress/0'
        ] ?? {},
      );
    expect(peers([{ podSelector: client }])).toEqual(['10.42.0.6']);
    expect(peers([{ namespaceSelector: {} }])).toEqual(['10.42.0.5', '10.42.0.6', '10.42.0.7']);
    expect(peers([{ namespaceSelector: { matchLabels: { name: 'other' } }, podSelector: client }])).toEqual([
      '10.42.0.7',
    ]);
    expect(peers([{ podSelector: web }, { namespaceSelector: { matchLabels: { name: 'other' } } }])).toEqual([
      '10.42.0.5',
      '10.42.0.7',
    ]);
  });

  it('allows by peers and ports together, and asks the other end then', () => {
    const ports = [{ protocol: 'TCP', port: 80 }, { protocol: 'TCP', port: 8000, endPort: 8100 }, { protocol: 'UDP' }];
    const from = [{ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.42.0.0/16'] } }];
    const { rules } = table({ podSelector: web, policyTypes: ['Ingress'], ingress: [{ from, ports }] });
    const blocks = '{ 10.0.0.0-10.41.255.255, 10.43.0.0-10.255.255.255 }';
    const tcp = 'meta l4proto tcp th dport { 80, 8000-8100 }';
    expect(rules('allow-shop/rule/ingress')).toEqual([
      `ip saddr @peers-shop/rule/ingress/0 ${tcp} goto policy-egress`,
      'ip saddr @peers-shop/rule/ingress/0 meta l4proto udp goto policy-egress',
      `ip saddr ${blocks} ${tcp} goto policy-egress`,
      `ip saddr ${blocks} meta l4proto udp goto policy-egress`,
      `ip6 saddr @peers6-shop/rule/ingress/0 ${tcp} goto policy-egress`,
      'ip6 saddr @peers6-shop/rule/ingress/0 meta l4proto udp goto policy-egress',
    ]);
  });

  it('knows named ports of the destination', () => {
    const egress = [{ ports: [{ protocol: 'TCP', port: 'http' }] }];
    const { rules, elements } = table({ podSelector: web, policyTypes: ['Egress'], egress });
    expect(rules('allow-shop/rule/egress')).toEqual([
      'meta l4proto tcp ip daddr . th dport @port-tcp-http accept',
      'meta l4proto tcp ip6 daddr . th dport @port6-tcp-http accept',
    ]);
    expect(Object.keys(elements['port-tcp-http'] ?? {})).toEqual([
      '10.42.0.5 . 8080',
      '10.42.0.6 . 8080',
      '10.42.0.7 . 8080',
    ]);
  });

  it('doesn’t see pods of the host’s network nor those that have ended', () => {
    const host = { ...WEB, spec: { ...WEB.spec, hostNetwork: true } } as Pod;
    const ended = { ...CLIENT, status: { ...CLIENT.status, phase: 'Succeeded' } } as Pod;
    const policies = [policy({ podSelector: {}, policyTypes: ['Ingress'] })];
    expect(tableOf({ pods: [host, ended], namespaces: NAMESPACES, policies }).elements).toEqual({});
  });

  it('adds up with others of the same pod', () => {
    const policies = ['b', 'a'].map((name) => policy({ podSelector: {}, policyTypes: ['Ingress'] }, name));
    const { rules } = tableOf({ pods: [WEB], namespaces: NAMESPACES, policies });
    expect(rules('isolate-shop/ingress/a/b')).toEqual([
      'jump allow-shop/a/ingress',
      'jump allow-shop/b/ingress',
      'drop',
    ]);
  });
});

describe('changes', () => {
  const policies = [
    policy({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: 'other' } } }] }],
    }),
  ];
  const all: Objects = {
    services: [service(OUTSIDE)],
    slices: [slice([READY])],
    pods,
    namespaces: NAMESPACES,
    policies,
  };

  it('concern what has changed alone', () => {
    const book = createFirewallBook(options);
    fill(book, all);
    book.take();
    expect([...book.take().parts.keys()]).toEqual([]);
    book.putSlice('shop/web-IPv4', slice([READY, ELSEWHERE]));
    expect([...book.take().parts.keys()]).toEqual(['service shop/web']);
    book.putNamespace('other', { metadata: { name: 'other', labels: { name: 'renamed' } } } as unknown as Namespace);
    expect([...book.take().parts.keys()]).toEqual(['pod other/stranger']);
    book.putPolicy('shop/rule', undefined);
    expect([...book.take().parts.keys()].sort()).toEqual(['', 'pod shop/client', 'pod shop/web', 'policy shop/rule']);
  });

  it('have what is forwarded judged from the first policy to the last, and packets of known connections pass one rule else', () => {
    const [book, forwarded] = [
      createFirewallBook(options),
      'ct state vmap { new : jump unserved-or-unknown, invalid : jump astray }',
    ];
    const rules = () => book.take().parts.get('')?.chains?.['filter-forward']?.rules;
    expect(rules()).toEqual([forwarded]);
    book.putPolicy('shop/a', policy({ podSelector: {} }));
    expect(rules()).toEqual(['ct direction reply accept', forwarded, 'goto policy-forward']);
    book.putPolicy('shop/b', policy({ podSelector: {} }));
    book.putPolicy('shop/a', undefined);
    expect(rules()).toBeUndefined();
    book.putPolicy('shop/b', undefined);
    expect(rules()).toEqual([forwarded]);
  });

  it('let what pods send leave by the host’s name, and nothing that belongs to no connection', () => {
    const { rules } = tableOf({});
    expect(rules('nat-postrouting')).toEqual(
      expect.arrayContaining([
        'ip saddr 10.42.0.0/16 ip daddr != { 10.42.0.0/16, 224.0.0.0/4 } masquerade',
        'ip6 saddr fd00:42::/64 ip6 daddr != { fd00:42::/64, ff00::/8 } masquerade',
      ]),
    );
    expect(rules('astray')).toEqual(['ip saddr 10.42.0.0/16 drop', 'ip6 saddr fd00:42::/64 drop']);
  });

  it('lead to the table that the objects make from nothing, in any order', () => {
    const steps = [
      ...pods.map((each) => (book: FirewallBook) => book.putPod(keyOf(each), each)),
      ...pods.map((each) => (book: FirewallBook) => book.putPod(keyOf(each), undefined)),
      ...NAMESPACES.map((each) => (book: FirewallBook) => book.putNamespace(each.metadata?.name ?? '', each)),
      (book: FirewallBook) => book.putPolicy('shop/rule', policies[0]),
      (book: FirewallBook) => book.putPolicy('shop/rule', undefined),
      (book: FirewallBook) => book.putService('shop/web', service()),
      (book: FirewallBook) => book.putService('shop/web', undefined),
      (book: FirewallBook) => book.putSlice('shop/web-IPv4', slice([READY])),
      (book: FirewallBook) => book.putSlice('shop/web-IPv4', undefined),
    ];
    const wholeAfter = (book: FirewallBook, ledger = createNftLedger('inet t')) => {
      fill(book, all);
      ledger.change(book.take().parts);
      return ledger.whole();
    };
    const expected = wholeAfter(createFirewallBook(options));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 30 }), (taken) => {
        const [book, ledger] = [createFirewallBook(options), createNftLedger('inet t')];
        for (const step of taken) {
          step(book);
          ledger.change(book.take().parts);
        }
        return wholeAfter(book, ledger) === expected;
      }),
    );
  });
});
