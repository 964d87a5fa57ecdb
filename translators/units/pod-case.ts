import { parseAllDocuments } from 'yaml';
import type { ConfigMap, PersistentVolume, Pod, Secret, Service } from '../../src/kinds/types.ts';
import type { KubernetesObject } from '../../src/machinery/object.ts';
import type { PodContext } from './pod/context.ts';

/** A case file of `testdata/pod`: a pod, the host that it is translated for, and what is asserted of the outcome. */
export interface PodCase {
  readonly pod: Pod;
  readonly context: PodContext;
  readonly assertions: readonly Assertion[];
}

/** Reads a case file: its `Pod`, and the objects beside it as what the context finds. */
export function parseCase(text: string): PodCase {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  const assertions = parseAssertions(text);
  return {
    pod: objects.find(({ kind }) => kind === 'Pod') as Pod,
    context: contextOf(objects, assertions),
    assertions,
  };
}

/** One `##` comment of a case file. */
export interface Assertion {
  readonly negated: boolean;
  readonly verb: string;
  readonly rest: string;
}

function parseAssertions(text: string): readonly Assertion[] {
  return [...text.matchAll(/^## (!?)(\S+) (.*)$/gm)].map(([, not, verb = '', rest = '']) => ({
    negated: not === '!',
    verb,
    rest,
  }));
}

const ACCOUNTS = { passwd: 'root:x:0:0::/:\nalice:x:1000:1001::/:\n', group: 'alice:x:1001:\nlab:x:50000:alice\n' };

function contextOf(objects: readonly KubernetesObject[], assertions: readonly Assertion[]): PodContext {
  const find =
    <T extends KubernetesObject>(kind: string) =>
    (namespace: string, name: string) =>
      objects.find(
        (object) => object.kind === kind && object.metadata?.name === name && object.metadata?.namespace === namespace,
      ) as T | undefined;
  const given = Object.fromEntries(
    assertions
      .filter(({ verb }) => verb === 'context')
      .map(({ rest }) => rest.split(' ', 2))
      .map(([field = '', value = '']) => [field, value === 'true' || value === 'false' ? value === 'true' : value]),
  );
  const tokens = new Map(
    assertions
      .filter(({ verb }) => verb === 'token')
      .map(({ rest }) => rest.split(' ', 3))
      .map(([volume = '', path = '', token = '']) => [`${volume} ${path}`, token]),
  );
  const image = { entrypoint: [], cmd: [] };
  return {
    podIP: '10.42.0.7',
    nodeIP: '192.0.2.9',
    nodeName: 'node1',
    clusterDomain: 'cluster.local',
    dnsServers: ['10.42.0.1'],
    findConfigMap: find<ConfigMap>('ConfigMap'),
    findSecret: find<Secret>('Secret'),
    findClaimVolume: (namespace, claim) =>
      (objects as readonly PersistentVolume[]).find(
        ({ kind, spec }) =>
          kind === 'PersistentVolume' && spec?.claimRef?.namespace === namespace && spec.claimRef.name === claim,
      ),
    paths: { state: '/var/lib/quadshift', runtime: '/run/quadshift' },
    podmanVersion: '5.4.2',
    images: new Map([
      ['example.com/root:1', { ...image, user: '' }],
      ['example.com/nobody:1', { ...image, user: 'nobody:nogroup' }],
      ['example.com/accounts:1', { ...image, user: '', accounts: ACCOUNTS }],
    ]),
    hasCgroupControllers: false,
    allocatable: { cpu: '2', memory: '64Mi' },
    devices: new Map([
      ['example.com/gps', { paths: ['/dev/serial/by-id/u-blox'], cdi: [], follow: true }],
      ['example.com/gpu', { paths: [], cdi: ['vendor.com/gpu=0'], follow: true }],
    ]),
    services: objects.filter(({ kind }) => kind === 'Service') as readonly Service[],
    findToken: (volume, path) => tokens.get(`${volume} ${path}`),
    ...given,
  };
}
