import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-validation.ts';
import { defined } from './pod-spec/defined.ts';
import type { Draft, EndpointSlice } from './types.ts';

type Object = Draft<EndpointSlice>;

/** At most three, then how many more: `a,b,c + 2 more...`. */
function firstThree(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

function ports(slice: Object): string {
  return firstThree(
    (slice.ports ?? []).map((port) => (port.port === undefined ? '*' : String(port.port))),
    '<unset>',
  );
}

function addresses(slice: Object): string {
  return firstThree(
    (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []),
    '<unset>',
  );
}

/** `SetDefaults_EndpointPort`. */
function applyDefaults(slice: Object): Object {
  const named = slice.ports?.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' }));
  return { ...slice, ...defined('ports', named) };
}

/** discovery.k8s.io/v1 EndpointSlice. */
export const endpointSliceKind = defineKind<Object>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('AddressType', 'string', 'Kind of addresses.', (o) => o.addressType ?? ''),
    column('Ports', 'string', 'Ports of every endpoint.', ports),
    column('Endpoints', 'string', 'Addresses.', addresses),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  support: {
    level: 'full',
    note: 'Made of pods for Services with a selector; hand-made ones lead to their addresses.',
  },
});
