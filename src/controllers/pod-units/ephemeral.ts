import { podUnitNames } from '../../../translators/units/pod-names.ts';
import type { Container, Pod } from '../../kinds/types.ts';
import type { Requeue } from '../controller.ts';
import { objectKey, uidOf } from '../meta.ts';
import type { Agent } from './agent.ts';
import { pullAuth } from './pull-auth.ts';
import type { ReferencedObjects } from './references.ts';

/**
 * Starts the ephemeral containers of a pod that runs, each once its image is there, and each once ever. Their units are
 * written with the others'; nothing else starts them. Says when to look again, if at all.
 */
export async function ensureEphemeral(pod: Pod, objects: ReferencedObjects, agent: Agent): Promise<number | undefined> {
  const waits: Requeue[] = [];
  for (const { targetContainerName: _, ...container } of pod.spec?.ephemeralContainers ?? []) {
    const wait = hasRun(pod, container.name) ? undefined : await ensureOne(pod, container, { objects, agent });
    if (wait !== undefined) waits.push(wait);
  }
  return waits.length === 0 ? undefined : Math.min(...waits.map(({ afterMs }) => afterMs));
}

function hasRun({ status }: Pod, name: string): boolean {
  const state = status?.ephemeralContainerStatuses?.find((one) => one.name === name)?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}

async function ensureOne(
  pod: Pod,
  container: Container,
  { objects, agent }: { readonly objects: ReferencedObjects; readonly agent: Agent },
): Promise<Requeue | undefined> {
  const auth = pullAuth(container.image ?? '', pod, objects.secrets);
  const request = { pod, container, list: 'ephemeralContainers', ...(auth ? { auth } : {}) } as const;
  const image = await agent.pulls.ensure(request, () => agent.wake(objectKey(pod)));
  if (image.state === 'failed') {
    agent.waiting.set(uidOf(pod), { [container.name]: image.waiting });
    return { afterMs: image.againMs };
  }
  if (image.state === 'pulling') return undefined;
  const service = podUnitNames(pod).containers.find((one) => one.container === container.name)?.service ?? '';
  const unit = await agent.serviceManager.peek(service);
  const isFresh = unit === undefined || (unit.activeState === 'inactive' && unit.execMainStartTimestamp === 0);
  if (isFresh) await agent.serviceManager.startNoWait(service);
  return undefined;
}
