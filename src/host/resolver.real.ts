import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serializeResolverConfig } from '../../translators/formats/unbound-conf.ts';
import { createNamesBook } from '../../translators/host/names-book.ts';
import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';

const options = {
  clusterDomain: 'cluster.local',
  serviceCidrs: ['10.43.0.0/16', 'fd43::/112'],
  podCidrs: ['10.42.0.0/16', 'fd42::/64'],
  resolverAddress: '10.43.0.10',
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quadshift-unbound-'));
  mkdirSync(join(folder, 'zones'));
  writeFileSync(join(folder, 'forwarders.conf'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What somebody might write to be read as something else. No validation is between: it would only help. */
const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      'a\nevil A 192.0.2.6',
      'a\r\nevil',
      'a; evil',
      '"',
      '"evil"',
      '$INCLUDE /etc/shadow',
      '$ORIGIN evil.',
      '@',
      '*',
    ],
    ...[
      'a b',
      '.',
      '..',
      '\\010evil',
      '(',
      ')',
      '\\',
      'a.',
      '-a',
      '_a',
      '\u2028evil',
      '\tevil',
      ' evil',
      'x'.repeat(300),
    ],
    ...['10.42.0.5', 'fd42::5', '10.43.0.1', '1', '192.0.2.1@53', 'www.example.org.', 'a"\n  forward-addr: 192.0.2.6'],
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

interface Wish {
  readonly [field: string]: string;
}

const wish = fc.record(
  Object.fromEntries(['namespace', 'name', 'address', 'port', 'target', 'hostname'].map((field) => [field, hostile])),
);

/** All zones with Services of each type, slices and pods that say what is wished for. */
function zonesWith(wishes: readonly Wish[], number: number): ReadonlyMap<string, string> {
  const book = createNamesBook(options);
  for (const [i, { namespace, name, address = '', port, target, hostname }] of wishes.entries()) {
    const metadata = { namespace, name, labels: { 'kubernetes.io/service-name': name } };
    const ports = [
      { name: port, port: number, protocol: hostname },
      { name: port, port: 80 },
    ];
    const specs = [
      { clusterIP: address, clusterIPs: [address, '10.43.0.1'], ports },
      { type: 'ExternalName', externalName: target },
      { clusterIP: 'None' },
    ];
    book.putService(`${namespace}/${name}`, { metadata, spec: specs[i % 3] } as unknown as Service);
    const endpoints = [address, '10.42.0.9', 'fd42::9'].map((each) => ({ addresses: [each], hostname }));
    for (const addressType of ['IPv4', 'IPv6']) {
      const slice = { metadata, addressType, endpoints, ports } as unknown as EndpointSlice;
      book.putSlice(`${i}/${addressType}`, slice);
    }
    book.putPod(`${i}`, { metadata, status: { podIP: address, podIPs: [{ ip: address }] } } as unknown as Pod);
  }
  return book.texts();
}

/** What unbound has to say against a configuration and the zones that it names; '' when it takes them. */
function complaintOf(
  zones: ReadonlyMap<string, string>,
  stubDomains: { readonly [domain: string]: readonly string[] },
) {
  const files = [...zones].map(([name, text]) => {
    const file = join(folder, 'zones', `${name}.zone`);
    writeFileSync(file, text);
    return { name, file };
  });
  const config = serializeResolverConfig({
    ...{ listen: ['10.42.0.1'], zones: files, stubDomains },
    ...{ controlSocket: join(folder, 'control.sock'), forwardersFile: join(folder, 'forwarders.conf') },
  });
  const path = join(folder, 'unbound.conf');
  writeFileSync(path, config);
  const { status, stdout, stderr } = spawnSync('unbound-checkconf', [path], { encoding: 'utf8' });
  const said = `${stdout}${stderr}`.replace(/^unbound-checkconf: no errors in .*\n/m, '');
  return { complaint: status === 0 ? said : said || `exit status ${status}`, config };
}

const evilLines = (texts: Iterable<string>): readonly string[] =>
  [...texts].flatMap((text) => text.match(/^\s*"?evil.*$/gm) ?? []);

describe('unbound', () => {
  it('takes whatever names, addresses, ports and settings say, and nothing in them is a line', () => {
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 3, maxLength: 12 }),
        fc.integer({ min: -1, max: 70_000 }),
        fc.dictionary(hostile, fc.array(hostile, { maxLength: 3 }), { maxKeys: 4 }),
        (wishes, number, stubDomains) => {
          const zones = zonesWith(wishes, number);
          const { complaint, config } = complaintOf(zones, stubDomains);
          expect(complaint).toBe('');
          expect(evilLines([...zones.values(), config])).toEqual([]);
          expect(config.split('\n').filter((line) => /192\.0\.2\.6/.test(line))).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('does complain of a line that is none', () => {
    const zones = zonesWith([], 80);
    const broken = new Map([...zones].map(([name, text]) => [name, `${text}evil A nowhere\n`]));
    expect(complaintOf(broken, {}).complaint).toContain('error parsing zonefile');
  });
});
