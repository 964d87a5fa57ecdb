import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Pod, Service } from '../../src/kinds/types.ts';
import { serializeResolverConfig } from '../formats/unbound-conf.ts';
import { createNamesBook, type NamesBook } from './names-book.ts';
import { reverseZones } from './reverse-zones.ts';

const options = {
  clusterDomain: 'cluster.local',
  serviceCidrs: ['10.43.0.0/16'],
  podCidrs: ['10.42.0.0/16'],
  resolverAddress: '10.43.0.10',
};

type Fields = { readonly [field: string]: unknown };

function service(name: string, spec: Fields): Service {
  return { metadata: { name, namespace: 'shop' }, spec } as unknown as Service;
}

function slice(of: string, endpoints: readonly Fields[], more: Fields = {}): EndpointSlice {
  return {
    metadata: { name: `${of}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
    ...more,
  } as unknown as EndpointSlice;
}

interface Snapshot {
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
}

const keyOf = ({ metadata }: Service | EndpointSlice | Pod): string => `${metadata?.namespace}/${metadata?.name}`;

function textsOf(
  { services = [], slices = [], pods = [] }: Snapshot,
  how: typeof options = options,
): readonly string[] {
  const book = createNamesBook(how);
  for (const service of services) book.putService(keyOf(service), service);
  for (const slice of slices) book.putSlice(keyOf(slice), slice);
  for (const [i, pod] of pods.entries()) book.putPod(`${i}`, pod);
  return [...book.texts().values()];
}

/** Records of the zone that has any, without head and order. */
function recordsOf(snapshot: Snapshot): readonly string[] {
  return textsOf(snapshot).flatMap(
    (text) =>
      text.match(/^\S+ (A|AAAA|CNAME|SRV|PTR|TXT) .*$/gm)?.filter((line) => !/^(dns-version|ns\.dns) /.test(line)) ??
      [],
  );
}

describe('names', () => {
  it('of a Service are its address, its named ports, and back', () => {
    const ports = [
      { name: 'http', port: 80, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ];
    const web = service('web', { clusterIP: '10.43.0.50', clusterIPs: ['10.43.0.50'], ports });
    expect(recordsOf({ services: [web] })).toEqual([
      '_http._tcp.web.shop.svc SRV 0 100 80 web.shop.svc.cluster.local.',
      'web.shop.svc A 10.43.0.50',
      '50.0 PTR web.shop.svc.cluster.local.',
    ]);
  });

  it('of two families are addresses of both, and back from both', () => {
    const clusterIPs = ['10.43.0.50', 'fd43::50'];
    const texts = textsOf(
      { services: [service('web', { clusterIP: '10.43.0.50', clusterIPs, ports: [] })] },
      { ...options, serviceCidrs: ['10.43.0.0/16', 'fd43::/112'], podCidrs: ['10.42.0.0/16', 'fd42::/64'] },
    );
    const text = texts.join('');
    expect(text).toContain('\nweb.shop.svc A 10.43.0.50\nweb.shop.svc AAAA fd43::50\n');
    const zone = '0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.4.d.f.ip6.arpa';
    expect(text).toContain(`$ORIGIN ${zone}.`);
    expect(text).toContain('\n0.5.0.0 PTR web.shop.svc.cluster.local.\n');
  });

  it('of a headless Service are those of its ready endpoints, by host name or address', () => {
    const db = service('db', { clusterIP: 'None' });
    const endpoints = [
      { addresses: ['10.42.0.5'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.42.0.6'] },
      { addresses: ['10.42.0.7'], conditions: { ready: false } },
    ];
    expect(recordsOf({ services: [db], slices: [slice('db', endpoints)] })).toEqual([
      '10-42-0-6.db.shop.svc A 10.42.0.6',
      '_http._tcp.db.shop.svc SRV 0 100 8080 10-42-0-6.db.shop.svc.cluster.local.',
      '_http._tcp.db.shop.svc SRV 0 100 8080 db-0.db.shop.svc.cluster.local.',
      'db-0.db.shop.svc A 10.42.0.5',
      'db.shop.svc A 10.42.0.5',
      'db.shop.svc A 10.42.0.6',
      '5.0 PTR db-0.db.shop.svc.cluster.local.',
      '6.0 PTR 10-42-0-6.db.shop.svc.cluster.local.',
    ]);
  });

  it('of endpoints with IPv6 are AAAA records', () => {
    const slices = [slice('db', [{ addresses: ['fd00::5'] }], { addressType: 'IPv6', ports: [] })];
    expect(recordsOf({ services: [service('db', { clusterIP: 'None' })], slices })).toEqual([
      'db.shop.svc AAAA fd00::5',
      'fd00--5.db.shop.svc AAAA fd00::5',
    ]);
  });

  it('of an ExternalName is an alias, unless it is an address', () => {
    const external = (name: string, externalName: string) => service(name, { type: 'ExternalName', externalName });
    expect(recordsOf({ services: [external('far', 'example.org.'), external('bad', '192.0.2.1')] })).toEqual([
      'far.shop.svc CNAME example.org.',
    ]);
  });

  it('of a pod is its address', () => {
    const pod = (status: object) => ({ metadata: { name: 'p', namespace: 'shop' }, status }) as unknown as Pod;
    expect(
      recordsOf({ pods: [pod({ podIP: '10.42.0.5' }), pod({}), pod({ podIP: '1.2.3.4', phase: 'Failed' })] }),
    ).toEqual(['10-42-0-5.shop.pod A 10.42.0.5']);
  });
});

describe('zones', () => {
  it('have the same bytes and serial for the same objects in any order', () => {
    const services = ['a', 'b', 'c'].map((name, i) => service(name, { clusterIP: `10.43.0.${i}`, ports: [] }));
    const text = (list: readonly Service[]) => textsOf({ services: list });
    expect(text(services.toReversed())).toEqual(text(services));
    expect(text(services.slice(1))[0]).not.toBe(text(services)[0]);
  });

  it('for the way back cover the range and no more', () => {
    expect(reverseZones('10.43.0.0/16')).toEqual(['43.10.in-addr.arpa']);
    expect(reverseZones('10.43.0.0/23')).toEqual(['0.43.10.in-addr.arpa', '1.43.10.in-addr.arpa']);
    expect(reverseZones('172.16.0.0/12')).toHaveLength(16);
  });
});

describe('a book of names', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const addresses = fc.constantFrom('10.42.0.5', '10.42.0.6');
  const services = fc.constantFrom(
    { clusterIP: 'None' },
    { clusterIP: '10.43.0.7', ports: [{ name: 'x', port: 1 }] },
    undefined,
  );
  const change = fc.oneof(
    fc.record({ to: fc.constant('service' as const), name: names, spec: services }),
    fc.record({ to: fc.constant('slice' as const), name: names, of: names, address: fc.option(addresses) }),
    fc.record({ to: fc.constant('pod' as const), name: names, address: fc.option(addresses) }),
  );
  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

  function make(book: NamesBook, each: Change): void {
    const key = `shop/${each.name}`;
    if (each.to === 'service') book.putService(key, each.spec && service(each.name, each.spec));
    else if (each.to === 'slice')
      book.putSlice(key, each.address === null ? undefined : slice(each.of, [{ addresses: [each.address] }]));
    else
      book.putPod(
        key,
        each.address === null
          ? undefined
          : ({ metadata: { namespace: 'shop' }, status: { podIP: each.address } } as Pod),
      );
  }

  it('says after any changes what one says that heard of the last ones only', () => {
    const made = fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const [all, last] = [createNamesBook(options), createNamesBook(options)];
      for (const each of changes) make(all, each);
      const final = new Map(changes.map((each) => [`${each.to} ${each.name}`, each]));
      for (const each of final.values()) make(last, each);
      expect([...all.texts()]).toEqual([...last.texts()]);
    });
    fc.assert(made, { numRuns: 300 });
  });
});

describe('hostile text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\nevil A 1.2.3.4', 'a; b', '"', '$INCLUDE /etc/shadow', '@', '*', 'a b', '.', '..', '\\010', '('),
  );
  const line =
    /^[a-z0-9_-]+(\.[a-z0-9_-]+)* (A [\d.]+|AAAA [\da-f:.]+|(CNAME|PTR) [\w.-]+\.|SRV 0 100 \d+ [\w.-]+\.|TXT "[\w.]+")$/i;

  it('in objects never makes another line of a zone', () => {
    const made = fc.property(hostile, hostile, hostile, (one, two, three) => {
      const services = [
        service(one, {
          clusterIP: two,
          clusterIPs: [two, '10.43.0.1'],
          ports: [{ name: three, port: 80, protocol: two }],
        }),
        service('head', { clusterIP: 'None' }),
        service('far', { type: 'ExternalName', externalName: three }),
      ];
      const slices = [slice('head', [{ addresses: [one] }, { addresses: ['10.42.0.9'], hostname: two }])];
      const pods = [{ metadata: { namespace: one }, status: { podIP: two } }] as unknown as readonly Pod[];
      const texts = textsOf({ services, slices, pods });
      for (const text of texts) {
        const records = text.split('\n').slice(5, -1);
        expect(records.filter((record) => !line.test(record))).toEqual([]);
      }
    });
    fc.assert(made, { numRuns: 300 });
  });

  it('in settings never makes another line of the configuration', () => {
    const base = { listen: ['10.42.0.1'], controlSocket: '/run/c', forwardersFile: '/run/f' };
    const plain = serializeResolverConfig({ ...base, zones: [], stubDomains: {} });
    const made = fc.property(hostile, hostile, (name, server) => {
      const config = { ...base, zones: [{ name, file: '/zone' }], stubDomains: { [name]: [server] } };
      const extra = serializeResolverConfig(config)
        .split('\n')
        .filter((each) => !plain.split('\n').includes(each));
      for (const each of extra) expect(each).toMatch(/^( {2})?[a-z-]+:( ("[\w./-]+"|no|yes|[\w:.]+)( transparent)?)?$/);
    });
    fc.assert(made, { numRuns: 300 });
  });

  it('leaves sound stub domains in place', () => {
    const config = { listen: ['10.42.0.1'], zones: [], controlSocket: '/c', forwardersFile: '/f' };
    expect(serializeResolverConfig({ ...config, stubDomains: { 'corp.example.': ['192.0.2.53', 'bad'] } })).toContain(
      'forward-zone:\n  name: "corp.example."\n  forward-addr: 192.0.2.53\n',
    );
  });
});
