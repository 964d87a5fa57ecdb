import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNftLedger } from '../../translators/formats/nft-ledger.ts';
import { createFirewallBook } from '../../translators/host/firewall.ts';
import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../kinds/types.ts';
import { LAB_ADDRESSES, type LabMachine, type NetworkLab, openNetworkLab } from './network-lab.ts';

const options = {
  serviceCidrs: ['10.43.0.0/16', 'fd00:43::/112'],
  podCidrs: ['10.42.0.0/16', 'fd00:42::/64'],
  nodeName: 'here',
};
const WEB = '10.43.0.9';
const WEB6 = 'fd00:43::9';
const NODE = LAB_ADDRESSES.host[0];

let lab: NetworkLab;

beforeAll(async () => {
  lab = await openNetworkLab();
});
afterAll(() => lab.close());

/** What a cluster of the lab's machines knows. */
interface Cluster {
  readonly service?: object;
  readonly endpoints?: readonly object[];
  readonly policies?: readonly object[];
  readonly labels?: { readonly [pod: string]: object };
}

const at = (machine: LabMachine, conditions: object = { ready: true }, nodeName = 'here') => ({
  machine,
  conditions,
  nodeName,
});

function slices(endpoints: readonly ReturnType<typeof at>[]): readonly EndpointSlice[] {
  return (['IPv4', 'IPv6'] as const).map((addressType, i) => {
    const labels = { 'kubernetes.io/service-name': 'web' };
    const ports = [{ name: '', port: 8080, protocol: 'TCP' }];
    const of = endpoints.map(({ machine, ...more }) => ({ ...more, addresses: [LAB_ADDRESSES[machine][i]] }));
    const metadata = { namespace: 'shop', name: `web-${addressType}`, labels };
    return { metadata, addressType, ports, endpoints: of } as unknown as EndpointSlice;
  });
}

function podOf(machine: 'a' | 'b' | 'c', labels: object = {}): Pod {
  const podIPs = LAB_ADDRESSES[machine].map((address) => ({ ip: address }));
  const namespace = machine === 'c' ? 'other' : 'shop';
  const containers = [{ ports: [{ name: 'web', containerPort: 8080 }] }];
  const metadata = { namespace, name: machine, labels: { app: machine, ...labels } };
  return {
    metadata,
    spec: { containers },
    status: { phase: 'Running', podIP: podIPs[0]?.ip, podIPs },
  } as unknown as Pod;
}

const book = createFirewallBook(options);
const ledger = createNftLedger('inet quadshift');
let isLoaded = false;
let known: readonly string[] = [];

/** Brings the lab's host to these objects: by the change from those before. */
function become({ service, endpoints = [], policies = [], labels = {} }: Cluster): void {
  const spec = {
    clusterIP: WEB,
    clusterIPs: [WEB, WEB6],
    ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }],
    ...service,
  };
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  const web = { metadata: { namespace: 'shop', name: 'web' }, spec, status } as unknown as Service;
  book.putService('shop/web', service === undefined ? undefined : web);
  for (const slice of slices(endpoints as ReturnType<typeof at>[]))
    book.putSlice(`shop/${slice.metadata?.name}`, slice);
  for (const namespace of ['shop', 'other']) {
    book.putNamespace(namespace, {
      metadata: { name: namespace, labels: { name: namespace } },
    } as unknown as Namespace);
  }
  for (const machine of ['a', 'b', 'c'] as const) book.putPod(machine, podOf(machine, labels[machine]));
  for (const key of known) book.putPolicy(key, undefined);
  known = policies.map((policy, i) => {
    const key = `shop/p${i}`;
    const types = ['Ingress', ...('egress' in policy ? ['Egress'] : [])];
    const whole = { policyTypes: types, podSelector: { matchLabels: { app: 'a' } }, ...policy };
    book.putPolicy(key, { metadata: { namespace: 'shop', name: `p${i}` }, spec: whole } as unknown as NetworkPolicy);
    return key;
  });
  const script = ledger.change(book.take().parts);
  lab.nft(['-f', '-'], isLoaded ? script : ledger.whole());
  isLoaded = true;
}

const POLICY_CASES: readonly (readonly [string, Cluster, { readonly [question: string]: string }])[] = [
  [
    'nothing',
    {},
    {
      'b 10.42.0.5 8080': 'a 10.42.0.6',
      'b fd00:42::5 8080': 'a fd00:42::6',
      'a 192.0.2.2 8080': 'outside 192.0.2.1',
      'a fd00:99::2 8080': 'outside fd00:99::1',
    },
  ],
  [
    'a default deny',
    { policies: [{}] },
    {
      'b 10.42.0.5 8080': 'dropped',
      'b fd00:42::5 8080': 'dropped',
      'outside 10.42.0.5 8080': 'dropped',
      'host 10.42.0.5 8080': 'a 10.42.0.1',
      'a 10.42.0.6 8080': 'b 10.42.0.5',
      'b 10.42.0.7 8080': 'c 10.42.0.6',
    },
  ],
  [
    'one that allows labels at a named port',
    {
      policies: [
        {
          ingress: [
            { from: [{ podSelector: { matchLabels: { app: 'b' } } }], ports: [{ protocol: 'TCP', port: 'web' }] },
          ],
        },
      ],
    },
    {
      'b 10.42.0.5 8080': 'a 10.42.0.6',
      'b fd00:42::5 8080': 'a fd00:42::6',
      'b 10.42.0.5 9090': 'dropped',
      'c 10.42.0.5 8080': 'dropped',
    },
  ],
  [
    'one that allows a namespace, beside one that allows a port',
    {
      policies: [
        { ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: 'other' } } }] }] },
        { ingress: [{ ports: [{ protocol: 'TCP', port: 9000, endPort: 9999 }] }] },
      ],
    },
    { 'c 10.42.0.5 8080': 'a 10.42.0.7', 'b 10.42.0.5 8080': 'dropped', 'b 10.42.0.5 9090': 'a 10.42.0.6' },
  ],
  [
    'one that allows ranges',
    {
      policies: [
        { ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.42.0.6/32', '10.42.0.6/31'] } }] }] },
      ],
    },
    { 'b 10.42.0.5 8080': 'dropped', 'outside 10.42.0.5 8080': 'a 192.0.2.2', 'b fd00:42::5 8080': 'dropped' },
  ],
  [
    'one that keeps in',
    { policies: [{ policyTypes: ['Egress'], egress: [] }] },
    {
      'a 10.42.0.6 8080': 'dropped',
      'a 192.0.2.2 8080': 'dropped',
      'a 10.42.0.1 8080': 'host 10.42.0.5',
      'b 10.42.0.5 8080': 'a 10.42.0.6',
    },
  ],
  [
    'one that lets out to whom does not let in',
    {
      policies: [
        { policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] },
        { podSelector: { matchLabels: { app: 'b' } } },
      ],
    },
    { 'a 10.42.0.6 8080': 'dropped', 'a 10.42.0.7 8080': 'dropped' },
  ],
  [
    'one that is about a Service’s pod',
    {
      service: {},
      endpoints: [at('a')],
      policies: [{ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'b' } } }] }] }],
    },
    {
      [`b ${WEB} 80`]: 'a 10.42.0.6',
      [`c ${WEB} 80`]: 'dropped',
      [`a ${WEB} 80`]: 'a 10.42.0.1',
      [`host ${WEB} 80`]: 'a 10.42.0.1',
    },
  ],
];

const SERVICE_CASES: readonly (readonly [string, Cluster, { readonly [question: string]: string }])[] = [
  [
    'a Service, keeping who asks',
    { service: { type: 'NodePort' }, endpoints: [at('a')] },
    {
      [`b ${WEB} 80`]: 'a 10.42.0.6',
      [`b ${WEB6} 80`]: 'a fd00:42::6',
      [`outside ${NODE} 30080`]: 'a 192.0.2.2',
      'outside fd00:99::1 30080': 'a fd00:99::2',
      [`b ${NODE} 30080`]: 'a 10.42.0.6',
      [`host ${NODE} 30080`]: 'a 192.0.2.1',
      [`b ${WEB} 81`]: 'refused',
    },
  ],
  [
    'one without endpoints',
    { service: { type: 'NodePort' } },
    {
      [`b ${WEB} 80`]: 'refused',
      [`b ${WEB6} 80`]: 'refused',
      [`host ${WEB} 80`]: 'refused',
      [`outside ${NODE} 30080`]: 'refused',
    },
  ],
  [
    'one on the host’s own network',
    { service: { type: 'NodePort' }, endpoints: [at('host')] },
    { [`b ${WEB} 80`]: 'host 10.42.0.6', [`outside ${NODE} 30080`]: 'host 192.0.2.2' },
  ],
  [
    'one elsewhere, hiding who asks',
    { service: { type: 'NodePort' }, endpoints: [at('outside', { ready: true }, 'there')] },
    { [`b ${WEB} 80`]: 'outside 192.0.2.1', [`host ${WEB} 80`]: 'outside 192.0.2.1' },
  ],
  [
    'one that wants local endpoints inside',
    { service: { internalTrafficPolicy: 'Local' }, endpoints: [at('a'), at('outside', { ready: true }, 'there')] },
    { [`b ${WEB} 80`]: 'a 10.42.0.6', [`host ${WEB} 80`]: 'a 10.42.0.1' },
  ],
  [
    'one that finds none',
    { service: { internalTrafficPolicy: 'Local' }, endpoints: [at('outside', { ready: true }, 'there')] },
    { [`b ${WEB} 80`]: 'dropped', [`host ${WEB} 80`]: 'dropped' },
  ],
  [
    'one that keeps outsiders to local endpoints',
    {
      service: { type: 'NodePort', externalTrafficPolicy: 'Local' },
      endpoints: [at('outside', { ready: true }, 'there')],
    },
    {
      [`outside ${NODE} 30080`]: 'dropped',
      [`b ${NODE} 30080`]: 'outside 192.0.2.1',
      [`b ${WEB} 80`]: 'outside 192.0.2.1',
    },
  ],
  [
    'a load balancer for some',
    { service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.42.0.6/32'] }, endpoints: [at('a')] },
    { [`outside ${NODE} 80`]: 'dropped', [`b ${NODE} 80`]: 'a 10.42.0.6', [`outside ${NODE} 30080`]: 'a 192.0.2.2' },
  ],
  [
    'one with an external address',
    { service: { externalIPs: ['198.51.100.1'] }, endpoints: [at('a')] },
    { 'b 198.51.100.1 80': 'a 10.42.0.6', 'outside 198.51.100.1 80': 'a 192.0.2.2' },
  ],
  [
    'one whose endpoints are ending',
    {
      service: {},
      endpoints: [at('a', { ready: false, serving: true, terminating: true }), at('b', { ready: false })],
    },
    { [`c ${WEB} 80`]: 'a 10.42.0.7' },
  ],
];

function answers(questions: readonly string[]): { readonly [question: string]: string } {
  return Object.fromEntries(
    questions.map((question) => {
      const [from = '', address = '', port = ''] = question.split(' ');
      return [question, lab.ask(from as LabMachine, address, Number(port))];
    }),
  );
}

describe.each([
  ['policies', POLICY_CASES],
  ['Services', SERVICE_CASES],
])('packets under %s', (_, cases) => {
  it.each(cases)('meet %s', (_name, cluster, expected) => {
    become(cluster);
    expect(answers(Object.keys(expected))).toEqual(expected);
  });
});

it('a client stays with its endpoint for as long as it was promised', () => {
  const spec = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } };
  become({ service: spec, endpoints: [at('a'), at('b')] });
  const heard = new Set(Array.from({ length: 12 }, () => lab.ask('c', WEB, 80)));
  expect(heard.size).toBe(1);
});

it('a table that changed is the table that is made at once', () => {
  become({ service: { type: 'NodePort' }, endpoints: [at('a'), at('c')], policies: [{ ingress: [{}], egress: [{}] }] });
  const changed = lab.nft(['-s', '-S', 'list', 'table', 'inet', 'quadshift']);
  lab.nft(['-f', '-'], ledger.whole());
  const sorted = (text: string) =>
    text
      .split(/[\n,]/)
      .map((line) => line.trim())
      .sort();
  expect(sorted(changed)).toEqual(sorted(lab.nft(['-s', '-S', 'list', 'table', 'inet', 'quadshift'])));
});

/** What somebody might write into a field that ends up in the ruleset. */
const hostile = fc.oneof(
  fc.constantFrom(
    'x }\nadd table inet evil',
    'a;flush ruleset',
    '@evil',
    '"',
    '10.0.0.1 }',
    '0',
    'include "/etc/passwd"',
    'long-'.repeat(50),
  ),
  fc.string({ unit: 'binary', maxLength: 260 }),
  fc.stringMatching(/^[a-z0-9.-]{1,253}$/),
);

it('no name, address or selector can make nft refuse the table, or say more than it means', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 12, maxLength: 12 }), fc.integer(), ([...texts], number) => {
      const [namespace = '', name = '', address = '', port = '', protocol = '', label = '', cidr = '', other = ''] =
        texts;
      const [host, ranges] = [createFirewallBook(options), [cidr, '10.0.0.0/8', '10.0.0.0/9', other]];
      const metadata = { namespace, name, labels: { [label]: label, 'kubernetes.io/service-name': name } };
      const ports = [
        { name: port, port: number, protocol, nodePort: number },
        { name: port, port: 80, nodePort: 30_080 },
      ];
      const spec = {
        type: 'LoadBalancer',
        clusterIP: address,
        clusterIPs: [address, WEB],
        externalIPs: [cidr, other],
        ports,
      };
      const more = {
        ...{ loadBalancerSourceRanges: ranges, externalTrafficPolicy: 'Local' },
        ...{ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: number } } },
      };
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: address }] } };
      const endpoints = [address, '10.42.0.5'].map((each) => ({ addresses: [each], nodeName: 'here' }));
      const slice = { metadata, addressType: 'IPv4', endpoints, ports: ports.map((p) => ({ ...p, port: 8080 })) };
      const from = [
        { ipBlock: { cidr, except: [other] } },
        { ipBlock: { cidr: '10.0.0.0/8', except: ranges } },
        { podSelector: {} },
      ];
      const rule = {
        from,
        to: from,
        ports: [
          { protocol, port },
          { port, protocol: 'TCP' },
          { port: number, endPort: number },
        ],
      };
      const policy = { metadata, spec: { policyTypes: ['Ingress', 'Egress'], ingress: [rule], egress: [rule] } };
      const podSpec = {
        containers: [
          {
            ports: [
              { name: port, containerPort: 80, protocol },
              { name: 'web', containerPort: number },
            ],
          },
        ],
      };
      const pod = { metadata, spec: podSpec, status: { podIP: '10.42.0.5', podIPs: [{ ip: address }] } };
      host.putService(`${namespace}/${name}`, { metadata, spec: { ...spec, ...more }, status } as unknown as Service);
      host.putSlice('s', slice as unknown as EndpointSlice);
      host.putPolicy('p', policy as unknown as NetworkPolicy);
      host.putPod('p', pod as unknown as Pod);
      const made = createNftLedger('inet quadshift');
      made.change(host.take().parts);
      const script = made.whole();
      lab.nft(['-c', '-f', '-'], script);
      return (script.match(/^table /gm) ?? []).length === 2 && !script.includes('evil');
    }),
    { numRuns: 150 },
  );
});
