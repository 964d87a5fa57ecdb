import type { PodSpec, Sparse } from '../../kinds/types.ts';

/** Every image that a pod names, also as a volume. Pure. */
export function imagesOf(spec: Sparse<PodSpec> | undefined): readonly string[] {
  const containers = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  const volumes = (spec?.volumes ?? []).map(({ image }) => image?.reference);
  return [...containers.map(({ image }) => image), ...volumes].filter(
    (image) => image !== undefined && image !== '',
  ) as string[];
}
