import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../box/process.ts';

/** What an image says of how to run it, as in the OCI image configuration. */
export interface ImageConfig {
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

const CREATED = '2024-01-01T00:00:00Z';
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An image of one layer: its files, by the names that a docker archive gives them. */
export interface ImageFiles {
  readonly layer: Buffer;
  readonly config: Buffer;
}

/** Writes the tree as an image of one layer to a docker archive that skopeo and podman read. */
export async function writeArchive(
  archive: string,
  reference: string,
  tree: string,
  config: ImageConfig,
): Promise<void> {
  const folder = mkdtempSync(`${archive}.`);
  try {
    const { config: text } = await imageFiles(folder, tree, config);
    const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }];
    writeFileSync(join(folder, 'config.json'), text);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await must(['tar', '-C', folder, '-cf', `${archive}.draft`, 'manifest.json', 'config.json', 'layer.tar']);
    renameSync(`${archive}.draft`, archive);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Packs the tree and describes it; the folder is for the layer's file. */
async function imageFiles(folder: string, tree: string, config: ImageConfig): Promise<ImageFiles> {
  const file = join(folder, 'layer.tar');
  await must(['tar', '--sort=name', '--mtime=@0', '--numeric-owner', '-C', tree, '-cf', file, '.']);
  const layer = readFileSync(file);
  const description = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: CREATED,
    config: { Env: [PATH], ...config },
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    history: [{ created: CREATED, created_by: 'quadshift conformance image' }],
  };
  return { layer, config: Buffer.from(JSON.stringify(description)) };
}

/**
 * Lays an image out as the fake registry of upstream's agnhost serves it: blobs and manifests below folders that are
 * named by their digests, and the tag as a file with the digest of the index.
 */
export async function layOutRegistry(folder: string, tag: string, tree: string, config: ImageConfig): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  const image = await imageFiles(work, tree, config);
  rmSync(work, { recursive: true });
  const put = (kind: string, content: Buffer, mediaType: string) => {
    const name = digest(content);
    const hash = name.slice('sha256:'.length);
    const place = join(folder, kind, 'sha256', hash.slice(0, 2), hash);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'data'), content);
    return { mediaType, size: content.length, digest: name };
  };
  const docker = 'application/vnd.docker';
  const manifestType = `${docker}.distribution.manifest.v2+json`;
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: put('blobs', image.config, `${docker}.container.image.v1+json`),
    layers: [put('blobs', image.layer, `${docker}.image.rootfs.diff.tar`)],
  };
  const entry = put('manifests', Buffer.from(JSON.stringify(manifest)), manifestType);
  const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
  const indexType = `${docker}.distribution.manifest.list.v2+json`;
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...entry, platform }] };
  const { digest: top } = put('manifests', Buffer.from(JSON.stringify(index)), indexType);
  writeFileSync(join(folder, 'manifests', tag), top);
}

function digest(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
