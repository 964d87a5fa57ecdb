import type { Volume } from '../../../src/kinds/types.ts';
import { refuseUnsupported } from './report.ts';
import type { PodSite } from './site.ts';
import { configMapFiles, downwardFiles, secretFiles } from './volume-files.ts';
import { tokenAccess } from './volume-owner.ts';
import type { VolumeFile } from './volume-tree.ts';

type Projected = NonNullable<Volume['projected']>;
type Projection = NonNullable<Projected['sources']>[number];

/** Where a projected volume, or one of its sources, stands. */
export interface ProjectionSite {
  readonly volume: string;
  /** `spec.volumes[0]` */
  readonly path: string;
  readonly site: PodSite;
}

/** Whether a projected volume has parts that may not lie readable on disk. */
export function holdsSecrets({ sources }: Projected): boolean {
  return (sources ?? []).some(({ secret, serviceAccountToken }) => secret ?? serviceAccountToken);
}

/** All sources of a projected volume, later ones over earlier ones. */
export function projectedFiles(source: Projected, at: ProjectionSite): readonly VolumeFile[] {
  const { sources, defaultMode = 0o644, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const files = (sources ?? []).flatMap((projection, index) =>
    projectionFiles(projection, defaultMode, { ...at, path: `${at.path}.projected.sources[${index}]` }),
  );
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function projectionFiles(projection: Projection, defaultMode: number, at: ProjectionSite): readonly VolumeFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate, ...unhandled } =
    projection;
  unhandled satisfies Record<PropertyKey, never>;
  const { path, site } = at;
  refuseUnsupported(site.report, path, { clusterTrustBundle, podCertificate });
  return [
    ...(configMap ? configMapFiles({ ...configMap, defaultMode }, path, site) : []),
    ...(secret ? secretFiles({ secretName: secret.name, ...omitName(secret), defaultMode }, path, site) : []),
    ...(downwardAPI ? downwardFiles({ ...downwardAPI, defaultMode }, path, site) : []),
    ...(serviceAccountToken ? tokenFiles(serviceAccountToken, defaultMode, at) : []),
  ];
}

/** The token comes with the context: who signs it, and renews it in time, goes by audience and life. */
function tokenFiles(
  source: NonNullable<Projection['serviceAccountToken']>,
  defaultMode: number,
  { volume, site }: ProjectionSite,
): readonly VolumeFile[] {
  const { path, audience: _audience, expirationSeconds: _life, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const content = site.context.findToken?.(volume, path);
  return content === undefined ? [] : [{ path, content, ...tokenAccess(defaultMode, site) }];
}

function omitName<T extends { readonly name?: string }>({ name: _, ...rest }: T): Omit<T, 'name'> {
  return rest;
}
