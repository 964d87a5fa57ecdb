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

it('lets a resize change resources of containers that exist', () => {
  const resources = { limits: { cpu: '1' } };
  const containers = [
    { name: 'c', image: 'other', resources },
    { name: 'new', resources },
  ];
  expect(merge('resize', { spec: { nodeName: 'x', containers } })).toMatchObject({
    spec: {
      nodeName: 'n',
      containers: [
        { name: 'c', image: 'i', resources },
        { name: 'd', image: 'i' },
      ],
    },
  });
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
