import { createBindingHandler } from './pod-subresources/binding.ts';
import { createEvictionHandler, type PodSubresourceOptions } from './pod-subresources/eviction.ts';

/** Handlers of creates through subresources of pods, for the server. */
export function podSubresourceHandlers(options: PodSubresourceOptions) {
  return {
    'pods/binding': createBindingHandler(options),
    'pods/eviction': createEvictionHandler(options),
  };
}
