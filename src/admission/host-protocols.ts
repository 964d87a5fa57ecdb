import type { Service } from '../kinds/types.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Warns of ports of Services whose protocol this host's kernel doesn't have: nothing could be sent there. Pure, as `hasSctp` is. */
export function createHostProtocols(hasSctp: () => boolean): AdmissionPlugin {
  return {
    name: 'HostProtocols',
    warnings: ({ kind, object, operation, subresource }) => {
      if (kind.kind !== 'Service' || kind.group !== '' || subresource !== '' || operation === 'DELETE') return [];
      const { ports = [] } = (object as Service).spec ?? {};
      if (!ports.some(({ protocol }) => protocol === 'SCTP') || hasSctp()) return [];
      return ports.flatMap(({ protocol }, i) =>
        protocol === 'SCTP'
          ? [`spec.ports[${i}].protocol: this host's kernel has no SCTP: nobody reaches the port`]
          : [],
      );
    },
  };
}
