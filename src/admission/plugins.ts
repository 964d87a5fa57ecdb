import type { Pod } from '../kinds/types.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { createPodTranslation, type PodFindings } from './pod-translation.ts';
import { priority } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { createServiceAddresses, type ServiceAddressOptions } from './service-addresses.ts';

/** What the plug-ins need to know of this installation. */
export interface AdmissionOptions extends ServiceAddressOptions {
  /** What this host can't do of a pod, or does differently. Pure. */
  readonly diagnosePod?: (pod: Pod) => PodFindings;
}

/** The plug-ins that are always on, in the order in which they run. Addresses come last: nothing may refuse after them. */
export function createAdmissionPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    serviceAccount,
    priority,
    defaultTolerationSeconds,
    ...(options.diagnosePod ? [createPodTranslation(options.diagnosePod)] : []),
    createServiceAddresses(options),
  ];
}
