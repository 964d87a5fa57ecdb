import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Box } from '../box/box.ts';
import { step } from '../box/progress.ts';
import type { ImageArchive } from './images.ts';

const UPSTREAM = 'registry.k8s.io';
const LOCAL = `localhost:5000/${UPSTREAM}`;
const FOLDER = '/var/tmp/conformance';
const MAPPING = `[[registry]]\nprefix = "${UPSTREAM}"\nlocation = "${LOCAL}"\ninsecure = true\n`;

/** Puts the images into the box's own registry and lets Podman in the box look for upstream's registry there. */
export async function fillRegistry(box: Box, images: readonly ImageArchive[]): Promise<void> {
  step("filling the box's registry");
  const folder = await box.hostPath(FOLDER);
  mkdirSync(folder, { recursive: true });
  try {
    for (const image of images) await push(box, folder, image);
  } finally {
    rmSync(folder, { recursive: true });
  }
  writeFileSync(await box.hostPath('/etc/containers/registries.conf.d/900-conformance.conf'), MAPPING);
  // Podman's service reads its registries once; its socket starts the next one.
  await box.must(['systemctl', 'stop', 'podman.service']);
}

async function push(box: Box, folder: string, { path, reference }: ImageArchive): Promise<void> {
  const name = basename(path);
  copyFileSync(path, join(folder, name));
  const [source, target] = [`docker-archive:${FOLDER}/${name}`, `docker://localhost:5000/${reference}`];
  await box.must(['skopeo', 'copy', '--quiet', '--dest-tls-verify=false', source, target]);
  rmSync(join(folder, name));
}
