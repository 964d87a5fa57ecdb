import { decodeBase64Text } from '../../../src/kinds/base64.ts';
import type { Volume } from '../../../src/kinds/types.ts';
import type { HostFile } from '../../host-file.ts';
import { fieldValue } from './field-ref.ts';
import { refuseUnsupported } from './report.ts';
import type { PodSite } from './site.ts';

/** A file of a volume, relative to its folder. */
export type VolumeFile = Pick<HostFile, 'path' | 'content' | 'mode'>;

type Sources<K extends keyof Volume> = NonNullable<Volume[K]>;
type Items = Sources<'configMap'>['items'];
type Projection = NonNullable<Sources<'projected'>['sources']>[number];

/** A ConfigMap's keys as files. One that is missing leaves the folder empty. */
export function configMapFiles(source: Sources<'configMap'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { name, items, defaultMode, optional: _checkedByCaller, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const map = site.context.findConfigMap(site.pod.metadata?.namespace ?? '', name ?? '');
  const field = `${path}.configMap`;
  const encoded = decodeAll(map?.binaryData, field, site);
  return selectFiles({ ...map?.data, ...encoded }, { items, defaultMode, field, site });
}

/** A Secret's keys as files; the pod's folder keeps other users of the host out. */
export function secretFiles(source: Sources<'secret'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { secretName, items, defaultMode, optional: _checkedByCaller, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const secret = site.context.findSecret(site.pod.metadata?.namespace ?? '', secretName ?? '');
  const field = `${path}.secret`;
  return selectFiles(decodeAll(secret?.data, field, site), { items, defaultMode, field, site });
}

/** Fields of the pod as files, as they were when it was translated. */
export function downwardFiles(source: Sources<'downwardAPI'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { items, defaultMode, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  return (items ?? []).flatMap((item, index) => {
    const field = `${path}.downwardAPI.items[${index}]`;
    const { path: file, mode, fieldRef, resourceFieldRef, ...unhandledItem } = item;
    unhandledItem satisfies Record<PropertyKey, never>;
    refuseUnsupported(site.report, field, { resourceFieldRef });
    const content =
      fieldRef && (mapLines(fieldRef.fieldPath, site) ?? fieldValue(site.pod, fieldRef.fieldPath, site.context));
    return content === undefined ? [] : [{ path: file, content, mode: hostMode(mode ?? defaultMode, field, site) }];
  });
}

/** All sources of a projected volume, later ones over earlier ones. */
export function projectedFiles(source: Sources<'projected'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { sources, defaultMode, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const files = (sources ?? []).flatMap((projection, index) =>
    projectionFiles(projection, defaultMode, { path: `${path}.projected.sources[${index}]`, site }),
  );
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function projectionFiles(
  projection: Projection,
  defaultMode: number | undefined,
  { path, site }: { readonly path: string; readonly site: PodSite },
): readonly VolumeFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate, ...unhandled } =
    projection;
  unhandled satisfies Record<PropertyKey, never>;
  refuseUnsupported(site.report, path, { clusterTrustBundle, podCertificate });
  if (serviceAccountToken) {
    site.report.approximate(`${path}.serviceAccountToken`, 'no token is mounted yet');
  }
  return [
    ...(configMap ? configMapFiles({ ...configMap, defaultMode }, path, site) : []),
    ...(secret ? secretFiles({ secretName: secret.name, ...omitName(secret), defaultMode }, path, site) : []),
    ...(downwardAPI ? downwardFiles({ ...downwardAPI, defaultMode }, path, site) : []),
  ];
}

function omitName<T extends { readonly name?: string }>({ name: _, ...rest }: T): Omit<T, 'name'> {
  return rest;
}

interface Selection {
  readonly items: Items;
  readonly defaultMode: number | undefined;
  readonly field: string;
  readonly site: PodSite;
}

function selectFiles(
  contents: { readonly [key: string]: string },
  { items, defaultMode, field, site }: Selection,
): readonly VolumeFile[] {
  if (items === undefined || items.length === 0) {
    const mode = hostMode(defaultMode, `${field}.defaultMode`, site);
    return Object.entries(contents).map(([path, content]) => ({ path, content, mode }));
  }
  return items.flatMap(({ key, path, mode }, index) => {
    const content = contents[key];
    const wanted = hostMode(mode ?? defaultMode, `${field}.items[${index}].mode`, site);
    return content === undefined ? [] : [{ path, content, mode: wanted }];
  });
}

/** The nearest of the modes that a host file can have. */
function hostMode(mode: number | undefined, field: string, { report }: PodSite): HostFile['mode'] {
  const wanted = mode ?? 0o644;
  const given = (wanted & 0o111) !== 0 ? 0o755 : (wanted & 0o044) !== 0 ? 0o644 : 0o600;
  if (given !== wanted) {
    report.approximate(field, `0${wanted.toString(8)} becomes 0${given.toString(8)}`);
  }
  return given;
}

function decodeAll(
  data: { readonly [key: string]: string } | undefined,
  field: string,
  { report }: PodSite,
): { readonly [key: string]: string } {
  return Object.fromEntries(
    Object.entries(data ?? {}).flatMap(([key, encoded]) => {
      const text = decodeBase64Text(encoded);
      if (text === undefined) {
        report.refuse(field, `key "${key}" is not UTF-8 text: binary contents are not supported yet`);
        return [];
      }
      return [[key, text]];
    }),
  );
}

/** `metadata.labels` and `metadata.annotations` as a file: one `key="escaped value"` a line, sorted. */
function mapLines(path: string, { pod }: PodSite): string | undefined {
  if (path !== 'metadata.labels' && path !== 'metadata.annotations') {
    return undefined;
  }
  const map = (path === 'metadata.labels' ? pod.metadata?.labels : pod.metadata?.annotations) ?? {};
  const lines = Object.keys(map).toSorted();
  return lines.map((key) => `${key}=${JSON.stringify(map[key])}`).join('\n');
}
