import { decodeBase64 } from '../../../src/kinds/base64.ts';
import type { Volume } from '../../../src/kinds/types.ts';
import { goQuote } from '../../../src/machinery/go-format.ts';
import { fieldValue, resourceValue } from './field-ref.ts';
import type { PodSite } from './site.ts';
import type { VolumeFile } from './volume-tree.ts';

type Sources<K extends keyof Volume> = NonNullable<Volume[K]>;
type Items = Sources<'configMap'>['items'];
type DownwardItem = NonNullable<Sources<'downwardAPI'>['items']>[number];

/** Mode of a volume's files when the volume doesn't say; the API's default. */
const DEFAULT_MODE = 0o644;

/** A ConfigMap's keys as files. One that is missing leaves the folder empty. */
export function configMapFiles(source: Sources<'configMap'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { name, items, defaultMode, optional: _checkedByCaller, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const map = site.context.findConfigMap(site.pod.metadata?.namespace ?? '', name ?? '');
  const encoded = decodeAll(map?.binaryData, `${path}.configMap`, site);
  return selectFiles({ ...map?.data, ...encoded }, { items, defaultMode });
}

/** A Secret's keys as files; the pod's folder keeps other users of the host out. */
export function secretFiles(source: Sources<'secret'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { secretName, items, defaultMode, optional: _checkedByCaller, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const secret = site.context.findSecret(site.pod.metadata?.namespace ?? '', secretName ?? '');
  return selectFiles(decodeAll(secret?.data, `${path}.secret`, site), { items, defaultMode });
}

/** Fields of the pod and of its containers' resources as files, as they are when it is translated. */
export function downwardFiles(source: Sources<'downwardAPI'>, path: string, site: PodSite): readonly VolumeFile[] {
  const { items, defaultMode, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  return (items ?? []).flatMap((item, index) => {
    const { path: file, mode } = item;
    const content = downwardContent(item, `${path}.downwardAPI.items[${index}]`, site);
    return content === undefined ? [] : [{ path: file, content, mode: mode ?? defaultMode ?? DEFAULT_MODE }];
  });
}

function downwardContent(item: DownwardItem, path: string, site: PodSite): string | undefined {
  const { path: _file, mode: _mode, fieldRef, resourceFieldRef, ...unhandled } = item;
  unhandled satisfies Record<PropertyKey, never>;
  if (fieldRef) {
    const value = mapLines(fieldRef.fieldPath, site) ?? fieldValue(site.pod, fieldRef.fieldPath, site.context);
    if (value === undefined)
      site.report.refuse(`${path}.fieldRef.fieldPath`, `"${fieldRef.fieldPath}" is not supported`);
    return value;
  }
  if (!resourceFieldRef) return undefined;
  const { containerName, resource } = resourceFieldRef;
  const all = [...(site.spec.initContainers ?? []), ...site.spec.containers];
  const container = all.find(({ name }) => name === containerName);
  const value = container && resourceValue(resourceFieldRef, container, site);
  if (value === undefined) site.report.refuse(`${path}.resourceFieldRef.resource`, `"${resource}" is not supported`);
  return value;
}

interface Contents {
  readonly [key: string]: string | Uint8Array;
}

interface Selection {
  readonly items: Items;
  readonly defaultMode: number | undefined;
}

function selectFiles(contents: Contents, { items, defaultMode = DEFAULT_MODE }: Selection): readonly VolumeFile[] {
  if (items === undefined || items.length === 0) {
    return Object.entries(contents).map(([path, content]) => ({ path, content, mode: defaultMode }));
  }
  return items.flatMap(({ key, path, mode }) => {
    const content = contents[key];
    return content === undefined ? [] : [{ path, content, mode: mode ?? defaultMode }];
  });
}

function decodeAll(data: { readonly [key: string]: string } | undefined, field: string, { report }: PodSite): Contents {
  return Object.fromEntries(
    Object.entries(data ?? {}).flatMap(([key, encoded]) => {
      const bytes = decodeBase64(encoded);
      if (bytes === undefined) report.refuse(field, `key "${key}" is not valid base64`);
      return bytes === undefined ? [] : [[key, bytes]];
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
  return lines.map((key) => `${key}=${goQuote(map[key] ?? '')}`).join('\n');
}
