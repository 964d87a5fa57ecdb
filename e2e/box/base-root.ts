import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mmdebstrap } from './mmdebstrap.ts';
import { must } from './process.ts';
import { step } from './progress.ts';
import { CACHE_ROOT, suiteName } from './settings.ts';

const HERE = import.meta.dirname;
const RECIPE = ['packages.txt', 'provision.sh', 'sample-images.sh'];

/** What a release lacks that others bring along. */
const packagesOfSuite = (): string => join(HERE, `packages-${suiteName()}.txt`);

/** The cached root that boxes are copied from: a new one whenever anything that shapes it changes. */
export function baseRootPath(): string {
  const hash = createHash('sha256').update(suiteName()).update(process.arch);
  for (const file of RECIPE) hash.update(readFileSync(join(HERE, file)));
  if (existsSync(packagesOfSuite())) hash.update(readFileSync(packagesOfSuite()));
  return join(CACHE_ROOT, `${suiteName()}-${hash.digest('hex').slice(0, 12)}`);
}

/** Makes the cached root if it isn't there, and drops the ones of older recipes. */
export async function ensureBaseRoot(): Promise<void> {
  const target = baseRootPath();
  if (existsSync(target)) return;
  // Built under another name, so that what is there under its own name is whole.
  const draft = `${target}.${process.pid}`;
  mkdirSync(CACHE_ROOT, { recursive: true, mode: 0o711 });
  try {
    await debootstrap(draft);
    step('preparing the root: services, registry, sample images');
    await provision(draft);
    dropOldRoots();
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function debootstrap(root: string): Promise<void> {
  const lists = [join(HERE, 'packages.txt'), packagesOfSuite()].filter((path) => existsSync(path));
  const packages = lists.flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'));
  step(`making a Debian ${suiteName()} root with Podman and friends`);
  await mmdebstrap({ suite: suiteName(), variant: 'apt', packages, root });
}

/** Runs the scripts in the root with mounts, network and process numbers of their own: nothing is left behind. */
async function provision(root: string): Promise<void> {
  const inside = 'ip link set lo up && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev"';
  const scripts = ['provision.sh', 'sample-images.sh'].map((name) => readFileSync(join(HERE, name), 'utf8'));
  for (const script of scripts) {
    const argv = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c'];
    await must([...argv, `${inside} && exec chroot "$0" env -i HOME=/root PATH=$PATH sh`, root], {
      input: script,
      env: { ...process.env, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    });
  }
}

/** Roots of this release by older recipes, and drafts whose maker is gone. */
function dropOldRoots(): void {
  for (const entry of readdirSync(CACHE_ROOT).filter((name) => name.startsWith(`${suiteName()}-`))) {
    const [, maker] = /\.(\d+)$/.exec(entry) ?? [];
    if (!maker || !existsSync(`/proc/${maker}`)) rmSync(join(CACHE_ROOT, entry), { recursive: true, force: true });
  }
}
