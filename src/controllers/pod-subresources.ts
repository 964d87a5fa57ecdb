import type { KubernetesObject } from '../machinery/object.ts';
import type { WriteOptions } from '../registry/registry.ts';
import { createBindingHandler } from './pod-subresources/binding.ts';
import { createEvictionHandler, type PodSubresourceOptions } from './pod-subresources/eviction.ts';

/** Handlers of creates through subresources of pods, for the server. */
export function podSubresourceHandlers(options: PodSubresourceOptions) {
  return {
    'pods/binding': createBindingHandler(options),
    'pods/eviction': createEvictionHandler(options),
  };
}

/** A binding that was sent to its collection: it names its pod itself. */
interface NamedBinding {
  readonly namespace: string;
  readonly object: KubernetesObject;
  readonly options: WriteOptions;
}

/** Handler of creates of bindings, for the server. */
export function bindingHandler(house: PodSubresourceOptions) {
  const bind = createBindingHandler(house);
  return ({ namespace, object, options }: NamedBinding) => {
    const key = { namespace, name: object.metadata?.name ?? '' };
    return bind({ key, body: object, options });
  };
}
