import { expect, it } from 'vitest';
import type { KindDefinition } from '../kinds/definition.ts';
import { createHostProtocols } from './host-protocols.ts';
import type { AdmissionRequest } from './plugin.ts';

const kind = { group: '', plural: 'services', kind: 'Service', namespaced: true } as KindDefinition;
const lookup = { get: () => undefined, list: () => [] };

it('warns of SCTP where the kernel has none, and of nothing else', () => {
  const object = { spec: { ports: [{ port: 80 }, { port: 9, protocol: 'SCTP' }] } };
  const request = { operation: 'CREATE', kind, subresource: '', key: { namespace: 'a', name: 'b' }, object };
  const warnings = (hasSctp: boolean, more: Partial<AdmissionRequest> = {}) =>
    createHostProtocols(() => hasSctp).warnings?.({ ...request, ...more } as AdmissionRequest, lookup);
  expect(warnings(false)).toEqual(["spec.ports[1].protocol: this host's kernel has no SCTP: nobody reaches the port"]);
  expect(warnings(true)).toEqual([]);
  expect(warnings(false, { object: { spec: { ports: [{ port: 80 }] } } as AdmissionRequest['object'] })).toEqual([]);
  expect(warnings(false, { subresource: 'status' })).toEqual([]);
});
