import type { Pod } from '../../kinds/types.ts';
import { allContainers } from './agent.ts';
import type { ImageRequest } from './image-pulls.ts';

/** An image that has to be there before the pod starts, and the containers that can't do without it. */
export type WantedImage = Pick<ImageRequest, 'container' | 'list'> & { readonly users: readonly string[] };

/** Images are pulled by the rule for containers: what may change behind its name is looked for each time. */
function policyFor(reference: string): string {
  return reference.includes('@') || /:(?!latest$)[^/:]+$/.test(reference) ? 'IfNotPresent' : 'Always';
}

/** The images of a pod's containers and of its image volumes. */
export function wantedImages(pod: Pod): readonly WantedImage[] {
  const containers = allContainers(pod);
  const volumes = (pod.spec?.volumes ?? []).flatMap(({ name, image }): readonly WantedImage[] => {
    if (!image?.reference) return [];
    const imagePullPolicy = image.pullPolicy ?? policyFor(image.reference);
    const mounts = containers.filter(({ container }) => container.volumeMounts?.some((m) => m.name === name));
    const users = mounts.map(({ container }) => container.name);
    return [{ container: { name: `volume ${name}`, image: image.reference, imagePullPolicy }, list: undefined, users }];
  });
  return [...containers.map((each) => ({ ...each, users: [each.container.name] })), ...volumes];
}
