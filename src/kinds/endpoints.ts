import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateEndpoints, validateEndpointsUpdate } from './endpoints-validation.ts';
import { defined } from './pod-spec/defined.ts';
import type { Draft, Endpoints } from './types.ts';

type Object = Draft<Endpoints>;

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function addressesWithPorts(endpoints: Object): readonly string[] {
  return (endpoints.subsets ?? []).flatMap(({ ports = [], addresses = [] }) => {
    const hosts = addresses.map((address) => address.ip ?? '');
    return ports.length === 0 ? hosts : ports.flatMap(({ port = 0 }) => hosts.map((host) => joinHostPort(host, port)));
  });
}

function formatEndpoints(endpoints: Object): string {
  const all = addressesWithPorts(endpoints);
  if ((endpoints.subsets ?? []).length === 0) return '<none>';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

function applyDefaults(endpoints: Object): Object {
  const subsets = endpoints.subsets?.map((subset) => ({
    ...subset,
    ...defined(
      'ports',
      subset.ports?.map((port) => ({ ...port, protocol: port.protocol || 'TCP' })),
    ),
  }));
  return { ...endpoints, ...defined('subsets', subsets) };
}

/** core/v1 Endpoints, the predecessor of EndpointSlice. */
export const endpointsKind = defineKind<Object>({
  kind: 'Endpoints',
  createsOnUpdate: true,
  plural: 'endpoints',
  shortNames: ['ep'],
  columns: [nameColumn, column('Endpoints', 'string', 'Addresses with ports.', formatEndpoints), ageColumn],
  defaults: applyDefaults,
  validate: validateEndpoints,
  validateUpdate: validateEndpointsUpdate,
  ratchets: true,
  warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  support: {
    level: 'full',
    note: 'Made of pods for Services with a selector; hand-made ones are mirrored to EndpointSlices.',
  },
});
