import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually, pushImage } from './harness.ts';
import { httpReadiness, webDeployment } from './manifests.ts';
import { apply, isReady, podsOf, remove, run, untilRolledOut } from './pods.ts';

const annotations = { 'io.containers.autoupdate': 'registry', 'quadshift.io/ready-deadline-seconds': '15' };

afterAll(() => remove('deployment', 'single', 'double', 'timed'));

/** All of them beside each other: what is tried takes half a minute of deadlines anyway. */
beforeAll(async () => {
  await Promise.all([deploy('single', false), deploy('double', true), deploy('timed', false)]);
});

const imageOf = (name: string): string => `localhost:5000/${name}:latest`;

async function deploy(name: string, sidecar: boolean): Promise<void> {
  await pushImage('hello:v1', `${name}:latest`);
  await apply(webDeployment({ name, image: imageOf(name), sidecar, annotations, readiness: httpReadiness }));
  await untilRolledOut(name);
}

async function page(name: string): Promise<string> {
  const [pod] = await podsOf(name);
  return (await box.exec(['curl', '-s', '--max-time', '5', `http://${pod?.status?.podIP}:8080/`])).stdout;
}

async function untilReadyAgain(name: string): Promise<void> {
  await eventually(
    async () => {
      const [pod] = await podsOf(name);
      expect(pod && isReady(pod)).toBe(true);
    },
    { what: `${name} is ready again` },
  );
}

describe('podman auto-update of a pod of one container, and of one of two', () => {
  const both = ['single', 'double'];

  /** Has both pods find this image in the registry; resolves to what podman has to say. */
  async function update(image: string): Promise<string> {
    await Promise.all(both.map((name) => pushImage(image, `${name}:latest`)));
    const command = ['podman', 'auto-update', '--format', '{{.Image}} {{.Updated}}'];
    const { stdout } = await box.exec(command, { timeout: 170_000 });
    for (const name of both) await untilReadyAgain(name);
    return stdout;
  }

  it('takes over a good image', async () => {
    for (const name of both) expect(await page(name)).toContain('v1');
    const said = await update('hello:v2');
    for (const name of both) expect(said).toContain(`${imageOf(name)} true`);
    for (const name of both) expect(await page(name)).toContain('v2');
  });

  it('rolls back one that never becomes ready, and the API tells of both', async () => {
    const said = await update('hello:broken');
    for (const name of both) expect(said).toContain(`${imageOf(name)} rolled back`);
    for (const name of both) expect(await page(name)).toContain('v2');
    const columns = 'custom-columns=T:.type,R:.reason,O:.involvedObject.name';
    const told = async () => {
      const events = await run('get', 'events', '-o', columns, '--no-headers');
      for (const name of both) {
        expect(events).toMatch(new RegExp(`Warning +AutoUpdateRolledBack +${name}-`));
        expect(events).toMatch(new RegExp(`Normal +AutoUpdated +${name}-`));
      }
    };
    await eventually(told, { what: 'the API to tell of the update and the rollback' });
    await remove('deployment', ...both);
  });
});

it('happens through the stock timer too', async () => {
  await pushImage('hello:v2', 'timed:latest');
  // The timer's own schedule is daily; a drop-in makes it elapse at once, the units stay the stock ones.
  await box.exec(['mkdir', '-p', '/run/systemd/system/podman-auto-update.timer.d']);
  const dropIn = '[Timer]\\nOnCalendar=\\nRandomizedDelaySec=0\\nOnActiveSec=1s\\n';
  await box.exec([
    'sh',
    '-c',
    `printf '${dropIn}' > /run/systemd/system/podman-auto-update.timer.d/now.conf; systemctl daemon-reload; systemctl restart podman-auto-update.timer`,
  ]);
  try {
    await eventually(async () => expect(await page('timed')).toContain('v2'), {
      timeoutMs: 90_000,
      what: 'the timer updated the pod',
    });
  } finally {
    await box.exec([
      'sh',
      '-c',
      'rm -r /run/systemd/system/podman-auto-update.timer.d; systemctl daemon-reload; systemctl stop podman-auto-update.timer',
    ]);
  }
});
