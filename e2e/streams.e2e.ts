import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually, kubectl, kubectlStream } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, isReady, remove, run, untilPod } from './pods.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
const LONG = 'x'.repeat(100_000);

const LOG = ['journalctl', '--unit=podman.service', '--since=-1min', '--output=cat'];
const UNABLE = /openByHandleAt failed: operation not permitted"\n.*resize\?w=99&h=33/;

let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quadshift-streams-'));
  await apply(shellPod('streamed', FOREVER));
  await apply(
    shellPod('talker', '', {
      containers: [
        {
          name: 'main',
          image: IMAGE,
          // The first run ends; the second has a line that no reader takes in one piece, and one on the other stream.
          command: [
            'sh',
            '-c',
            `if [ ! -e /data/ran ]; then touch /data/ran; echo first run; exit 3; fi
             head -c ${LONG.length} /dev/zero | tr '\\0' x; echo; echo to stderr >&2; sleep 1; echo last; ${FOREVER}`,
          ],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    }),
  );
  await apply(
    shellPod('attached', '', {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: IMAGE, stdin: true, stdinOnce: true, command: ['sh', '-c', 'cat; echo end; exit 5'] },
      ],
    }),
  );
  await apply(
    shellPod('page', '', {
      containers: [{ name: 'main', image: 'localhost:5000/hello:v1', readinessProbe: { httpGet: { port: 8080 } } }],
    }),
  );
  for (const name of ['streamed', 'attached', 'page']) await untilPod(name, isReady, 'ready');
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await remove('pod', 'streamed', 'talker', 'attached', 'page', 'brief', '--grace-period=1');
});

describe('kubectl', () => {
  it('copies files into a container and out of it', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    const content = randomBytes(3_000_000);
    writeFileSync(from, content);
    await run('cp', from, 'streamed:/tmp/copied');
    await run('cp', 'streamed:/tmp/copied', to);
    expect(readFileSync(to).equals(content)).toBe(true);
  });

  it('attaches to a container, which hears of the end of its input', async () => {
    const attached = await kubectl(['attach', '-i', 'attached', '--quiet'], { input: 'said\n' });
    expect(attached.stdout).toBe('said\nend\n');
    const pod = await untilPod('attached', (p) => p.status?.phase === 'Failed', 'Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 5, reason: 'Error' });
  });

  it('forwards ports', async () => {
    const forward = kubectlStream(['port-forward', 'pod/page', ':8080']);
    const port = await eventually(
      async () => {
        const found = /127\.0\.0\.1:(\d+) -> 8080/.exec(forward.output())?.[1];
        if (found === undefined) throw new Error(forward.errors());
        return found;
      },
      { what: 'the port' },
    );
    const pages = await Promise.all([1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${port}/`)).text()));
    for (const page of pages) expect(page).toContain('v1');
    await forward.stop();
  });

  it('does the same over SPDY, as clients of before', async () => {
    const env = {
      ...process.env,
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false',
      KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false',
    };
    const script = 'cat; echo to stderr >&2; exit 9';
    const ran = await kubectl(['exec', '-i', 'streamed', '--', 'sh', '-c', script], { env, input: 'said\n' });
    expect(ran).toMatchObject({ code: 9, stdout: 'said\n' });
    expect(ran.stderr).toMatch(/^to stderr\ncommand terminated with exit code 9\n/);
    const script2 = `kubectl port-forward pod/page 18888:8080 & until curl -sf http://127.0.0.1:18888/; do sleep 0.2; done; kill $!`;
    const page = await box.must(['env', 'KUBECTL_PORT_FORWARD_WEBSOCKETS=false', 'timeout', '60', 'sh', '-c', script2]);
    expect(page).toContain('v1');
  });

  it('gives a command a terminal of the size of its own', async () => {
    const sized = 'stty rows 33 cols 99; kubectl exec -it streamed -- sh -c "sleep 1; stty size"';
    await eventually(
      async () => {
        const { stdout } = await box.exec(['script', '-qec', sized, '/dev/null']);
        // Podman 5.8 can't in a box that the kernel doesn't let look processes up by their handles: then it was asked to.
        if (!stdout.includes('33 99') && !(await box.must(LOG)).match(UNABLE)) throw new Error(stdout);
      },
      { what: 'the size of the terminal' },
    );
  });

  it('runs a pod, talks to it, takes over its status and removes it', async () => {
    const command = ['run', 'brief', `--image=${IMAGE}`, '--restart=Never', '--rm', '-i', '--quiet'];
    const ran = await kubectl([...command, '--', 'sh', '-c', 'cat; exit 3'], { input: 'through\n' });
    expect(ran).toMatchObject({ code: 3 });
    expect(ran.stdout).toContain('through\n');
    expect((await kubectl(['get', 'pod', 'brief'])).code).not.toBe(0);
  });
});

describe('logs', () => {
  it('are whole, told apart by runs, and cut as one likes', async () => {
    await eventually(async () => expect(await run('logs', 'talker')).toContain('last\n'), { what: 'the second run' });
    expect((await run('logs', 'talker')).split('\n').sort()).toEqual(['', 'last', 'to stderr', LONG].sort());
    expect(await run('logs', 'talker', '--previous')).toBe('first run\n');
    expect(await run('logs', 'talker', '--tail=1')).toBe('last\n');
    expect(await run('logs', 'talker', '--tail=1', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z last\n$/);
    expect(await run('logs', 'talker', '--since=1h', '--tail=1')).toBe('last\n');
    expect(await run('logs', 'talker', '--since-time=2999-01-01T00:00:00Z')).toBe('');
    expect(await run('logs', 'talker', '--limit-bytes=10')).toHaveLength(10);
  });
});
