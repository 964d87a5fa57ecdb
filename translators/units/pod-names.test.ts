import { expect, test } from 'vitest';
import type { Pod } from '../../src/kinds/types.ts';
import { podUnitNames } from './pod-names.ts';

function pod(namespace: string, name: string, containers: readonly string[], init: readonly string[] = []): Pod {
  return {
    metadata: { namespace, name },
    spec: {
      containers: containers.map((container) => ({ name: container })),
      initContainers: init.map((container) => ({ name: container })),
    },
  };
}

/** Names by the space they must be unique in: source files, units, podman's names. */
function everyName(of: Pod): readonly string[] {
  const names = podUnitNames(of);
  const containers = names.containers;
  return [
    ...[names.podFile, ...containers.map((c) => c.file)].map((name) => `file ${name}`),
    ...[names.podService, names.gate, ...containers.map((c) => c.service)].map((name) => `unit ${name}`),
    ...[names.podmanPod, names.podmanInfra, ...containers.map((c) => c.podmanName)].map((name) => `podman ${name}`),
  ];
}

test('names are readable', () => {
  expect(podUnitNames(pod('shop', 'web-x2x7p', ['nginx'], ['setup']))).toEqual({
    stem: 'qs-shop_web-x2x7p',
    podFile: 'qs-shop_web-x2x7p.pod',
    podService: 'qs-shop_web-x2x7p__pod.service',
    gate: 'qs-shop_web-x2x7p.service',
    deadline: 'qs-shop_web-x2x7p__deadline.service',
    podmanPod: 'qs-shop_web-x2x7p',
    podmanInfra: 'qs-shop_web-x2x7p__infra',
    containers: [
      {
        container: 'setup',
        role: 'init',
        file: 'qs-shop_web-x2x7p_init_setup.container',
        service: 'qs-shop_web-x2x7p_init_setup.service',
        podmanName: 'qs-shop_web-x2x7p_init_setup',
      },
      {
        container: 'nginx',
        role: 'app',
        file: 'qs-shop_web-x2x7p_nginx.container',
        service: 'qs-shop_web-x2x7p_nginx.service',
        podmanName: 'qs-shop_web-x2x7p_nginx',
      },
    ],
  });
});

test('no two objects share a name, however they are called', () => {
  const pods = [
    pod('a-b', 'c', ['d', 'pod', 'init', 'infra'], ['d2']),
    pod('a', 'b-c', ['d', 'init-x'], ['x']),
    pod('a', 'b', ['c']),
    pod('a', 'b-c-pod', ['d']),
    pod('a', 'b-c-infra', ['d']),
    pod('a', 'b-c.pod', ['d']),
  ];
  const all = pods.flatMap(everyName);
  expect(new Set(all).size).toBe(all.length);
});

test('long names are cut with a hash and fit a file name', () => {
  const long = (tail: string) => pod('n'.repeat(63), `${'p'.repeat(250)}${tail}`, ['c'.repeat(63)], ['i'.repeat(63)]);
  const [one, two] = [podUnitNames(long('1')), podUnitNames(long('2'))];
  expect(one.stem).not.toBe(two.stem);
  expect(Math.max(...everyName(long('1')).map((name) => name.length))).toBeLessThanOrEqual(
    255 - '.d'.length + 'podman '.length,
  );
});
