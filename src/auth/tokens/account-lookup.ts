import type { Pod, Secret, ServiceAccount } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';

/** Reads of the objects that tokens are bound to. */
export interface AccountLookup {
  serviceAccount(namespace: string, name: string): ServiceAccount | undefined;
  pod(namespace: string, name: string): Pod | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  node(name: string): KubernetesObject | undefined;
}
