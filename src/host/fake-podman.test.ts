import { createFakePodman } from './fake-podman.ts';
import type { FakeProcessIo } from './fake-process.ts';
import { podmanConformance } from './podman.conformance.ts';

const images = {
  present: 'localhost/qs-conformance:1',
  pullable: 'localhost/pullable:1',
  unknownTag: 'localhost/unknown:1',
  unauthorized: 'localhost/unauthorized:1',
  unreachable: 'localhost/unreachable:1',
};

podmanConformance('the fake', async () => {
  const podman = createFakePodman();
  const { id } = podman.addImage(images.present, { user: '1000', cmd: ['/bin/sleep', 'infinity'] });
  podman.addImageFile(id, '/etc/passwd', 'root:x:0:0::/:\n');
  podman.onPull(images.pullable, { image: {} });
  podman.onPull(images.unauthorized, { error: 'reading manifest: unauthorized: authentication required' });
  podman.onPull(images.unreachable, { error: 'pinging container registry: connect: connection refused' });
  podman.onPull('localhost/UPPER:1', { error: 'parsing reference: repository name must be lowercase' });
  podman.onExec(shell);
  return {
    podman,
    images,
    run: async (name, { labels = {} }) => void podman.setContainer({ name, labels }),
    remove: async (name) => podman.removeContainer(name),
    close: async () => undefined,
  };
});

/** The few commands of the suite. */
async function shell({ command, stdin, stdout, stderr, size }: FakeProcessIo): Promise<number> {
  switch (command.join(' ')) {
    case '/bin/sh -c echo out; echo err >&2; exit 3':
      stdout('out\n');
      stderr('err\n');
      return 3;
    case '/bin/sh -c read line; stty size':
      for await (const _ of stdin) break;
      stdout(`${size().height} ${size().width}\r\n`);
      return 0;
    case '':
    case '/bin/cat':
      for await (const chunk of stdin) stdout(chunk.toString());
      return 0;
    default:
      stderr(`crun: executable file ${command[0]} not found`);
      return 127;
  }
}
