import { rmSync } from 'node:fs';
import { aptOptions, debianMirrors } from './debian-mirror.ts';
import { passThrough } from './process.ts';

/** A tree of Debian packages. */
export interface DebianTree {
  readonly suite: string;
  /** `apt`: a system that can be booted; `extract`: these packages and what they need, unpacked and not set up. */
  readonly variant: 'apt' | 'extract';
  readonly packages: readonly string[];
  /** The folder that it becomes. */
  readonly root: string;
}

/** Makes a tree of packages from the first mirror that has them; throws when none does. */
export async function mmdebstrap({ suite, variant, packages, root }: DebianTree): Promise<void> {
  const options = (await aptOptions()).map((option) => `--aptopt=${option}`);
  const slim = ['doc', 'man', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
  const argv = ['mmdebstrap', `--variant=${variant}`, `--include=${packages.join(',')}`, ...options, ...slim];
  const mirrors = await debianMirrors();
  for (const mirror of mirrors) {
    const stdio = ['ignore', 2, 2] as const;
    if ((await passThrough([...argv, suite, root, ...(mirror ? [mirror] : [])], { stdio: [...stdio] })) === 0) return;
    rmSync(root, { recursive: true, force: true });
  }
  const tried = mirrors.map((mirror) => mirror || 'its default mirror').join(' and with ');
  throw new Error(`mmdebstrap failed with ${tried}; its messages are above`);
}
