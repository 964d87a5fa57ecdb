import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { priority } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { createServiceAddresses, type ServiceAddressOptions } from './service-addresses.ts';

/** The plug-ins that are always on, in the order in which they run. Addresses come last: nothing may refuse after them. */
export function createAdmissionPlugins(options: ServiceAddressOptions): readonly AdmissionPlugin[] {
  return [namespaceLifecycle, serviceAccount, priority, defaultTolerationSeconds, createServiceAddresses(options)];
}
