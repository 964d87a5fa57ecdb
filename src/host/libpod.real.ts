import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLibpod } from './libpod.ts';
import { podmanConformance } from './podman.conformance.ts';

const REGISTRY_PORT = 5901;
const LOCKED_PORT = 5902;
/** What is pulled: another image than the one that is present, as it is taken away again. */
const OTHER = 'localhost/qs-conformance:other';
const DROP_IN = '/etc/containers/registries.conf.d/zz-qs-conformance.conf';
const images = {
  present: 'localhost/qs-conformance:1',
  pullable: `localhost:${REGISTRY_PORT}/conformance:1`,
  unknownTag: `localhost:${REGISTRY_PORT}/conformance:none`,
  unauthorized: `localhost:${LOCKED_PORT}/conformance:1`,
  unreachable: 'localhost:5903/conformance:1',
};

podmanConformance('podman', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qs-podman-'));
  await importImage(folder, images.present);
  const registries = await startRegistries(folder);
  await importImage(folder, OTHER, 'LABEL other=yes');
  podman('push', '--quiet', OTHER, images.pullable);
  podman('rmi', OTHER);
  return {
    podman: createLibpod(),
    images,
    run: async (name, { labels = {} }) => {
      const labelArguments = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
      podman('run', '--detach', '--interactive', '--rm', '--name', name, ...labelArguments, images.present, '/bin/cat');
    },
    remove: async (name) => podman('rm', '--force', '--ignore', '--time', '0', name),
    close: async () => {
      registries();
      podman('rmi', '--force', images.present, images.pullable);
      await rm(DROP_IN, { force: true });
      await rm(folder, { recursive: true });
    },
  };
});

function podman(...args: readonly string[]): void {
  execFileSync('podman', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function importImage(folder: string, reference: string, ...more: readonly string[]): Promise<void> {
  const root = join(folder, 'root', 'bin');
  await mkdir(root, { recursive: true });
  await cp('/usr/bin/busybox', join(root, 'busybox'));
  for (const applet of ['sh', 'sleep', 'cat', 'true', 'stty']) {
    await rm(join(root, applet), { force: true });
    await symlink('busybox', join(root, applet));
  }
  await mkdir(join(folder, 'root', 'etc'), { recursive: true });
  await writeFile(join(folder, 'root', 'etc', 'passwd'), 'root:x:0:0::/:\n');
  execFileSync('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'root.tar'), '.']);
  const changes = ['CMD ["/bin/sleep", "infinity"]', 'USER 1000', ...more].flatMap((change) => ['--change', change]);
  podman('import', '--quiet', ...changes, join(folder, 'root.tar'), reference);
}

/** One that serves everybody and one that lets nobody in. */
async function startRegistries(folder: string): Promise<() => void> {
  const config = join(folder, 'registry.yml');
  const storage = join(folder, 'registry');
  await writeFile(
    config,
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: "127.0.0.1:${REGISTRY_PORT}" }\n`,
  );
  const locations = [REGISTRY_PORT, LOCKED_PORT, 5903].map((port) => `localhost:${port}`);
  await writeFile(
    DROP_IN,
    locations.map((location) => `[[registry]]\nlocation = "${location}"\ninsecure = true\n`).join('\n'),
  );
  execFileSync('systemctl', ['try-restart', 'podman.service']);
  const open = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const locked = createServer((_, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="locked"', 'Content-Type': 'application/json' });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  });
  locked.listen(LOCKED_PORT, '127.0.0.1');
  await answering(`http://127.0.0.1:${REGISTRY_PORT}/v2/`);
  return () => {
    open.kill();
    locked.close();
  };
}

async function answering(url: string): Promise<void> {
  for (const deadline = performance.now() + 30_000; ; ) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (performance.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
