import { expect, it } from 'vitest';
import type { KubernetesObject } from '../machinery/object.ts';
import { findSubresourceHook } from './subresource-hooks.ts';

const old = {
  metadata: { name: 'p', labels: { a: '1' } },
  spec: {
    nodeName: 'n',
    containers: [
      { name: 'c', image: 'i', resources: {} },
      { name: 'd', image: 'i' },
    ],
  },
  status: { phase: 'Pending' },
} as KubernetesObject;

function merge(subresource: string, incoming: object): unknown {
  return findSubresourceHook(subresource)?.merge(incoming as KubernetesObject, old);
}

it('lets a status write change status and annotations, nothing else', () => {
  const incoming = {
    metadata: { labels: { a: '2' }, annotations: { b: '1' } },
    spec: {},
    status: { phase: 'Running' },
  };
  expect(merge('status', incoming)).toEqual({
    ...old,
    metadata: { ...old.metadata, annotations: { b: '1' } },
    status: { phase: 'Running' },
  });
});

it('lets a resize change resources of the pod and of its containers, nothing else', () => {
  const resources = { limits: { cpu: '1' } };
  const containers = [{ name: 'c', image: 'other', resources }, { name: 'd' }];
  expect(merge('resize', { spec: { nodeName: 'x', resources, containers }, status: {} })).toEqual({
    ...old,
    spec: {
      nodeName: 'n',
      resources,
      containers: [
        { name: 'c', image: 'i', resources },
        { name: 'd', image: 'i' },
      ],
    },
  });
});

it('leaves it to validation to refuse a resize that takes resources away or names other containers', () => {
  const other = [{ name: 'd' }, { name: 'c' }];
  expect(merge('resize', { spec: { containers: other } })).toMatchObject({ spec: { containers: other } });
  const [c] = (
    merge('resize', { spec: { containers: [{ name: 'c' }, { name: 'd' }] } }) as typeof old & {
      readonly spec: { readonly containers: readonly object[] };
    }
  ).spec.containers;
  expect(c).toEqual({ name: 'c', image: 'i' });
});

it('lets ephemeralcontainers and finalize change their own field', () => {
  const spec = { nodeName: 'x', ephemeralContainers: [{ name: 'e' }], finalizers: ['f'] };
  expect(merge('ephemeralcontainers', { spec })).toMatchObject({
    spec: { nodeName: 'n', ephemeralContainers: [{ name: 'e' }] },
  });
  expect(merge('finalize', { spec })).toMatchObject({ spec: { nodeName: 'n', finalizers: ['f'] } });
});

it('knows no hook for subresources with a type of their own', () => {
  expect(['log', 'toString', '__proto__'].map(findSubresourceHook)).toEqual(Array(3).fill(undefined));
});
