import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { must } from '../box/process.ts';
import { step } from '../box/progress.ts';
import { type ImageConfig, layOutRegistry, writeArchive } from './image-archive.ts';
import { addPrograms, busyboxTree, lines, unpackDebian } from './image-trees.ts';
import { buildProgram } from './suite.ts';

/** An image in a file, and the name that upstream's tests know it by. */
export interface ImageArchive {
  readonly path: string;
  readonly reference: string;
}

/** Where the trees of the images are made, and what of. */
interface Workshop {
  readonly source: string;
  readonly work: string;
  readonly debian: string;
}

/** Images that share a tree. */
interface ImageRecipe {
  readonly references: readonly string[];
  readonly tree: (shop: Workshop, tree: string) => Promise<unknown>;
  readonly config: ImageConfig;
}

const TESTS = 'registry.k8s.io/e2e-test-images';
const TOOLS = [
  'bash',
  'curl',
  'dig',
  'getent',
  'host',
  'id',
  'iperf',
  'ipcs',
  'nc.openbsd',
  'nslookup',
  'ss',
  'timeout',
];
const AGNHOST: ImageConfig = {
  Entrypoint: ['/agnhost'],
  Cmd: ['pause'],
  ExposedPorts: { '80/tcp': {}, '8080/tcp': {}, '8081/tcp': {}, '9376/tcp': {}, '5000/tcp': {} },
};
const PAUSE: ImageConfig = { Entrypoint: ['/bin/sleep', 'infinity'], User: '65535:65535' };

/** What upstream's tests run, made of upstream's programs where they have any and of Debian's where not. */
const RECIPES: readonly ImageRecipe[] = [
  { references: [`${TESTS}/busybox:1.37.0-1`], tree: plainTree, config: { Cmd: ['sh'] } },
  { references: [`${TESTS}/nonroot:1.5`], tree: plainTree, config: { Cmd: ['sh'], User: '1234' } },
  { references: ['registry.k8s.io/pause:3.10.2'], tree: plainTree, config: PAUSE },
  { references: [`${TESTS}/agnhost:2.63.0`, `${TESTS}/agnhost:2.55`], tree: agnhostTree, config: AGNHOST },
  { references: [`${TESTS}/glibc-dns-testing:2.0.0`], tree: agnhostTree, config: { Cmd: ['sh'] } },
  ...['kitten', 'nautilus'].map((name) => ({
    references: [`${TESTS}/${name}:1.8`],
    tree: (shop: Workshop, tree: string) => pictureTree(shop, tree, name),
    config: { ...AGNHOST, Cmd: ['test-webserver'] },
  })),
  { references: [`${TESTS}/nonewprivs:1.4`], tree: privilegesTree, config: { Cmd: ['nnp'] } },
  {
    references: [`${TESTS}/resource-consumer:1.14`],
    tree: consumerTree,
    config: { Entrypoint: ['/consumer'], ExposedPorts: { '8080/tcp': {} } },
  },
  {
    references: [`${TESTS}/nginx:1.15-4`, `${TESTS}/nginx:1.27-0`],
    tree: nginxTree,
    config: { Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: { '80/tcp': {} } },
  },
  {
    references: [`${TESTS}/sample-apiserver:1.29.2`],
    tree: sampleServerTree,
    config: { Entrypoint: ['/kube-sample-apiserver'] },
  },
  { references: ['registry.k8s.io/etcd:3.6.8-0'], tree: etcdTree, config: { Entrypoint: ['/usr/local/bin/etcd'] } },
];

/** Makes the images that aren't in the work folder yet; upstream's own cannot be had without its registry. */
export async function buildImages(source: string, work: string): Promise<readonly ImageArchive[]> {
  const folder = join(work, 'images');
  mkdirSync(folder, { recursive: true });
  const shop = { source, work, debian: await unpackDebian(work) };
  const archives: ImageArchive[] = [];
  for (const recipe of RECIPES) archives.push(...(await buildRecipe(shop, folder, recipe)));
  return archives;
}

async function buildRecipe(shop: Workshop, folder: string, recipe: ImageRecipe): Promise<readonly ImageArchive[]> {
  const archives = recipe.references.map((reference) => ({
    reference,
    path: join(folder, `${reference.replaceAll('/', '_').replace(':', '@')}.tar`),
  }));
  const missing = archives.filter(({ path }) => !existsSync(path));
  if (missing.length === 0) return archives;
  step(`making ${recipe.references.join(' and ')}`);
  const tree = join(shop.work, 'tree');
  await recipe.tree(shop, tree);
  for (const { path, reference } of missing) await writeArchive(path, reference, tree, recipe.config);
  rmSync(tree, { recursive: true });
  return archives;
}

/** busybox's own shell forgets variables whose names it could not set, such as `data-1`; upstream's tests look for them. */
async function plainTree({ debian }: Workshop, tree: string): Promise<void> {
  await busyboxTree(debian, tree);
  await addPrograms(debian, tree, ['/usr/bin/bash']);
  linkShell(tree);
}

function linkShell(tree: string): void {
  rmSync(join(tree, 'bin/sh'));
  symlinkSync('/usr/bin/bash', join(tree, 'bin/sh'));
}

async function agnhostTree(shop: Workshop, tree: string): Promise<void> {
  await busyboxTree(shop.debian, tree);
  await addPrograms(shop.debian, tree, [...TOOLS.map((name) => `/usr/bin/${name}`), '/usr/sbin/dnsmasq']);
  symlinkSync('nc.openbsd', join(tree, 'usr/bin/nc'));
  // busybox's shell would take its own nc, whatever the path says.
  linkShell(tree);
  await program(shop, './test/images/agnhost', 'agnhost', join(tree, 'agnhost'));
  symlinkSync('agnhost', join(tree, 'agnhost-2'));
  copyFileSync(join(import.meta.dirname, 'coredns.sh'), join(tree, 'coredns'));
  mkdirSync(join(tree, 'uploads'));
  const keys = join(shop.source, 'test/images/agnhost/porter');
  for (const file of ['localhost.crt', 'localhost.key']) copyFileSync(join(keys, file), join(tree, file));
  appendFileSync(join(tree, 'etc/passwd'), lines(['user-defined-in-image:x:1000:1000::/home:/bin/sh']));
  const groups = ['user-defined-in-image:x:1000:', 'group-defined-in-image:x:50000:user-defined-in-image'];
  appendFileSync(join(tree, 'etc/group'), lines(groups));
  const pause = `${tree}.pause`;
  await busyboxTree(shop.debian, pause);
  await layOutRegistry(join(tree, 'var/registry/pause'), 'testing', pause, PAUSE);
  rmSync(pause, { recursive: true });
}

async function pictureTree(shop: Workshop, tree: string, name: string): Promise<void> {
  await agnhostTree(shop, tree);
  cpSync(join(shop.source, 'test/images', name, 'html'), tree, { recursive: true });
  // The test of image volumes reads what upstream's base says of itself.
  writeFileSync(join(tree, 'etc/os-release'), 'NAME="Alpine Linux"\n');
}

async function privilegesTree(shop: Workshop, tree: string): Promise<void> {
  await busyboxTree(shop.debian, tree);
  const target = join(tree, 'usr/local/bin/nnp');
  await program(shop, './test/images/nonewprivs', 'nnp', target);
  chmodSync(target, 0o6755);
}

async function consumerTree(shop: Workshop, tree: string): Promise<void> {
  await busyboxTree(shop.debian, tree);
  const source = './test/images/resource-consumer';
  await program(shop, source, 'consumer', join(tree, 'consumer'));
  await program(shop, `${source}/consume-cpu`, 'consume-cpu', join(tree, 'consume-cpu'));
}

async function sampleServerTree(shop: Workshop, tree: string): Promise<void> {
  await busyboxTree(shop.debian, tree);
  await program(shop, 'k8s.io/sample-apiserver', 'kube-sample-apiserver', join(tree, 'kube-sample-apiserver'));
}

/** Debian's etcd, where the test of aggregation starts it. */
async function etcdTree({ debian }: Workshop, tree: string): Promise<void> {
  await busyboxTree(debian, tree);
  await addPrograms(debian, tree, ['/usr/bin/etcd']);
  symlinkSync('/usr/bin/etcd', join(tree, 'usr/local/bin/etcd'));
}

async function nginxTree(shop: Workshop, tree: string): Promise<void> {
  await busyboxTree(shop.debian, tree);
  await addPrograms(shop.debian, tree, ['/usr/sbin/nginx']);
  const folders = ['etc/nginx', 'usr/share/nginx/html', 'var/log/nginx', 'var/lib/nginx', 'var/cache/nginx'];
  for (const folder of folders) mkdirSync(join(tree, folder), { recursive: true });
  writeFileSync(join(tree, 'usr/share/nginx/html/index.html'), '<h1>Welcome to nginx!</h1>\n');
  const server = 'server { listen 80; root /usr/share/nginx/html; index index.html; }';
  const http = `http { default_type text/html; access_log /dev/stdout; ${server} }`;
  const settings = [
    'user root;',
    'worker_processes 1;',
    'error_log stderr;',
    'pid /run/nginx.pid;',
    'events { }',
    http,
  ];
  writeFileSync(join(tree, 'etc/nginx/nginx.conf'), lines(settings));
}

/** Builds one of upstream's programs, once for all images, and copies it. */
async function program({ source, work }: Workshop, target: string, name: string, place: string): Promise<void> {
  const binary = join(work, 'bin', name);
  await buildProgram(source, binary, target);
  await must(['cp', binary, place]);
}
