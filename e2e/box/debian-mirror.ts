import { readFileSync } from 'node:fs';
import { capture } from './process.ts';

/**
 * Where to fetch Debian from, best first: what this machine's own apt is set to, then what mmdebstrap knows by itself
 * ('').
 */
export async function debianMirrors(): Promise<readonly string[]> {
  return [...new Set([...(isDebian() ? await configuredMirrors() : []), ''])];
}

/** apt's options for mmdebstrap, which does not read this machine's own: the proxies and what the clock is trusted with. */
export async function aptOptions(): Promise<readonly string[]> {
  const { stdout } = await capture(['apt-config', 'dump']);
  const carried = /^Acquire::(https?::Proxy\b.*|Check-Valid-Until|Check-Date) ".+";$/i;
  return stdout.split('\n').filter((line) => carried.test(line));
}

function isDebian(): boolean {
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function configuredMirrors(): Promise<readonly string[]> {
  const { stdout, code } = await capture([
    'apt-get',
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  if (code !== 0) return [];
  return stdout
    .split('\n')
    .map((line) => line.trim().replace(/\/$/, ''))
    .filter((uri) => /^https?:.*\/debian$/.test(uri));
}
