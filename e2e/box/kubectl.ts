import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureHostTools } from './host-tools.ts';
import { mmdebstrap } from './mmdebstrap.ts';
import { step } from './progress.ts';
import { CACHE_ROOT } from './settings.ts';

/** Where packages of other releases are kept: beside the roots of boxes, or with the user's other caches. */
function cacheFolder(): string {
  if (process.getuid?.() === 0) return CACHE_ROOT;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'quadshift-box');
}

/**
 * The kubectl of a release of Debian, to run on this machine; fetched once. It is linked statically but for libc, which
 * any Debian since trixie has.
 */
export async function kubectlOf(suite: string): Promise<string> {
  const tree = join(cacheFolder(), `kubectl-${suite}-${process.arch}`);
  const binary = join(tree, 'usr/bin/kubectl');
  if (existsSync(binary)) return binary;
  step(`fetching the kubectl of Debian ${suite}`);
  await ensureHostTools();
  const draft = `${tree}.${process.pid}`;
  mkdirSync(cacheFolder(), { recursive: true, mode: 0o711 });
  try {
    await mmdebstrap({ suite, variant: 'extract', packages: ['kubernetes-client'], root: draft });
    rmSync(tree, { recursive: true, force: true });
    renameSync(draft, tree);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return binary;
}
