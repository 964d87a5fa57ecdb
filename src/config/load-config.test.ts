import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigSources, loadConfig } from './load-config.ts';

let folder = '';
const sources = (more: Partial<ConfigSources> = {}): ConfigSources => ({
  file: join(folder, 'config.yaml'),
  dropIns: join(folder, 'config.d'),
  env: {},
  flags: [],
  ...more,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quadshift-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('loadConfig', () => {
  it('has a default for every setting', () => {
    const config = loadConfig(sources());
    expect(config.api).toEqual({ address: '::', port: 6443 });
    expect(config.network.podCidr).toBe('10.42.0.0/16');
  });

  it('lets flags win over the environment, the environment over drop-ins, and drop-ins over the file', () => {
    writeFileSync(join(folder, 'config.yaml'), 'api: { port: 1 }\nlogLevel: warn\nnodeName: a\n');
    mkdirSync(join(folder, 'config.d'));
    writeFileSync(join(folder, 'config.d', '10.yaml'), 'api: { port: 2 }\nnodeName: b\n');
    writeFileSync(join(folder, 'config.d', '20.yaml'), 'api: { port: 3 }\n');
    const config = loadConfig(
      sources({ env: { QUADSHIFT_API_PORT: '4', QUADSHIFT_NODE_NAME: 'c' }, flags: ['api.port=5'] }),
    );
    expect([config.api.port, config.nodeName, config.logLevel]).toEqual([5, 'c', 'warn']);
  });

  it('names the setting that is unknown or out of range', () => {
    writeFileSync(join(folder, 'config.yaml'), 'api: { port: 70000 }\nnoSuchThing: 1\n');
    expect(() => loadConfig(sources())).toThrow(/api\.port.*noSuchThing/s);
  });

  it('takes ranges of IPv6 together only, and resolvers of domains', () => {
    const write = (network: string) => writeFileSync(join(folder, 'config.yaml'), `network: ${network}\n`);
    write(
      '{ podCidrIpv6: "fd42::/64", serviceCidrIpv6: "fd43::/112", stubDomains: { corp.example: ["192.0.2.1@5353"] } }',
    );
    const { network } = loadConfig(sources());
    expect([network.podCidrIpv6, network.stubDomains]).toEqual(['fd42::/64', { 'corp.example': ['192.0.2.1@5353'] }]);
    write('{ podCidrIpv6: "fd42::/64" }');
    expect(() => loadConfig(sources())).toThrow(/podCidrIpv6 and serviceCidrIpv6 go together/);
    for (const [one, two] of [
      ['fd42::/100', 'fd43::/112'],
      ['10.42.0.0/16', 'fd43::/112'],
      ['fd42::/64', 'fd43::/120'],
    ]) {
      write(`{ podCidrIpv6: "${one}", serviceCidrIpv6: "${two}" }`);
      expect(() => loadConfig(sources())).toThrow(/must be an IPv6 CIDR/);
    }
    write('{ stubDomains: { corp.example: ["nobody"] } }');
    expect(() => loadConfig(sources())).toThrow(/must be the address of a resolver/);
  });

  it('says which file is not YAML', () => {
    writeFileSync(join(folder, 'config.yaml'), 'a: [');
    expect(() => loadConfig(sources())).toThrow(ConfigError);
    expect(() => loadConfig(sources())).toThrow(/config\.yaml is not valid YAML/);
  });

  it('refuses a flag without a value', () => {
    expect(() => loadConfig(sources({ flags: ['api.port'] }))).toThrow(/path\.to\.setting=value/);
  });
});
