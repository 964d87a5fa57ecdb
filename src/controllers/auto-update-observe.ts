import type { Pod } from '../kinds/types.ts';
import {
  AUTO_UPDATE_ANNOTATION,
  followImages,
  type ImageHistory,
  NO_HISTORY,
  type Verdict,
} from './auto-update/image-history.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { controllerOf, nameOf, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';

/** What the controller needs. */
export interface AutoUpdateOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
}

function happening(pod: Pod, { container, from, to, outcome }: Verdict): Happening {
  const component = 'podman-auto-update';
  const image = pod.spec?.containers.find((c) => c.name === container)?.image ?? '';
  const where = `container ${container} of pod ${nameOf(pod)}`;
  return outcome === 'updated'
    ? { type: 'Normal', reason: 'AutoUpdated', component, message: `Image "${image}" of ${where} was updated to ${to}` }
    : {
        type: 'Warning',
        reason: 'AutoUpdateRolledBack',
        component,
        message: `New image ${to} of ${where} did not become ready; rolled back to ${from}`,
      };
}

/** The pod's Deployment, where it has one: people look there. */
function deploymentOf(pod: Pod, { resources }: AutoUpdateOptions) {
  const owner = controllerOf(pod);
  const replicaSet = owner && resources.replicaSets.find(namespaceOf(pod), owner.name);
  const deployment = replicaSet && controllerOf(replicaSet);
  return deployment && resources.deployments.find(namespaceOf(pod), deployment.name);
}

/** Tells of updates and rollbacks by `podman auto-update`, on the pod and on its Deployment. */
export function autoUpdateObserve(options: AutoUpdateOptions): Controller {
  const { resources, recorder } = options;
  const histories = new Map<string, ImageHistory>();
  return {
    name: 'auto-update-observe',
    inputs: [
      {
        resource: '/pods',
        keys: ({ type, entry }) => {
          if (type === 'DELETED') histories.delete(uidOf(entry.object));
          const observed = entry.object.metadata?.annotations?.[AUTO_UPDATE_ANNOTATION] !== undefined;
          return observed && type !== 'DELETED' ? [objectKey(entry.object)] : [];
        },
      },
    ],
    outputs: [{ what: '/events', mode: 'shared' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      if (pod === undefined) return undefined;
      const { history, verdicts } = followImages(pod, histories.get(uidOf(pod)) ?? NO_HISTORY);
      histories.set(uidOf(pod), history);
      for (const verdict of verdicts) {
        const deployment = deploymentOf(pod, options);
        recorder.record(pod, happening(pod, verdict));
        if (deployment !== undefined) recorder.record(deployment, happening(pod, verdict));
      }
      return undefined;
    },
  };
}
