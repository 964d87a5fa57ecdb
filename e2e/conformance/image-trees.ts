import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { aptOptions, debianMirrors } from '../box/debian-mirror.ts';
import { must } from '../box/process.ts';
import { step } from '../box/progress.ts';

const SUITE = 'trixie';

/** Debian's packages that the images take programs from. */
const PACKAGES =
  'bash,bind9-dnsutils,busybox-static,coreutils,curl,dnsmasq-base,etcd-server,iperf,iproute2,libc-bin,netcat-openbsd,nginx,util-linux';

const FOLDERS = 'bin etc home root run sbin sys dev proc tmp usr/bin usr/local/bin usr/sbin var'.split(' ');

const USERS = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];
const GROUPS = ['root:x:0:', 'daemon:x:1:', 'www-data:x:33:', 'nogroup:x:65534:'];

/** Unpacks the Debian packages, unless just those are there; resolves to the root, which is not a system that runs. */
export async function unpackDebian(work: string): Promise<string> {
  const root = join(work, 'debian');
  const list = `${root}.packages`;
  if (existsSync(list) && readFileSync(list, 'utf8') === PACKAGES) return root;
  step('unpacking Debian packages for the images');
  const draft = `${root}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const options = (await aptOptions()).map((option) => `--aptopt=${option}`);
  const [mirror = ''] = await debianMirrors();
  const argv = ['mmdebstrap', '--variant=extract', `--include=${PACKAGES}`, ...options, SUITE, draft];
  await must([...argv, ...(mirror ? [mirror] : [])]);
  rmSync(root, { recursive: true, force: true });
  await must(['mv', draft, root]);
  writeFileSync(list, PACKAGES);
  return root;
}

/** A new tree with busybox as every command it can be, and the users that upstream's tests name. */
export async function busyboxTree(debian: string, tree: string): Promise<string> {
  rmSync(tree, { recursive: true, force: true });
  for (const folder of FOLDERS) mkdirSync(join(tree, folder), { recursive: true });
  chmodSync(join(tree, 'tmp'), 0o1777);
  const busybox = join(debian, 'usr/bin/busybox');
  copyFileSync(busybox, join(tree, 'bin/busybox'));
  const applets = (await must([busybox, '--list'])).trim().split('\n');
  for (const applet of applets.filter((name) => name !== 'busybox')) symlinkSync('busybox', join(tree, 'bin', applet));
  writeFileSync(join(tree, 'etc/passwd'), lines(USERS));
  writeFileSync(join(tree, 'etc/group'), lines(GROUPS));
  writeFileSync(join(tree, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  return tree;
}

/** Copies programs of the Debian root to the tree, with the libraries that they load. */
export async function addPrograms(debian: string, tree: string, programs: readonly string[]): Promise<void> {
  for (const program of programs) {
    for (const file of [program, ...(await librariesOf(debian, program))]) {
      const target = join(tree, file);
      mkdirSync(dirname(target), { recursive: true });
      // A program of busybox's of that name may be there as a link.
      rmSync(target, { force: true });
      cpSync(realpathSync(join(debian, file)), target);
    }
  }
}

async function librariesOf(debian: string, program: string): Promise<readonly string[]> {
  const listing = await must(['chroot', debian, '/lib64/ld-linux-x86-64.so.2', '--list', program]);
  return [...listing.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file);
}

/** The text of a file with these lines. */
export const lines = (list: readonly string[]): string => `${list.join('\n')}\n`;
