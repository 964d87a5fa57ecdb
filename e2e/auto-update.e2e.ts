import { afterAll, describe, expect, it } from 'vitest';
import { box, eventually, pushImage } from './harness.ts';
import { httpReadiness, webDeployment } from './manifests.ts';
import { apply, isReady, podsOf, remove, run, untilRolledOut } from './pods.ts';

const annotations = { 'io.containers.autoupdate': 'registry', 'quadshift.io/ready-deadline-seconds': '15' };

afterAll(() => remove('deployment', 'single', 'double', 'timed'));

async function deploy(name: string, sidecar: boolean): Promise<string> {
  const image = `localhost:5000/${name}:latest`;
  await pushImage('hello:v1', `${name}:latest`);
  await apply(webDeployment({ name, image, sidecar, annotations, readiness: httpReadiness }));
  await untilRolledOut(name);
  return image;
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

describe.each([
  ['single', 'one container', false],
  ['double', 'two containers', true],
])('podman auto-update of the pod %s of %s', (name, _, sidecar) => {
  it('takes over a good image, and rolls back one that never becomes ready', async () => {
    const image = await deploy(name, sidecar);
    expect(await page(name)).toContain('v1');

    await pushImage('hello:v2', `${name}:latest`);
    const updated = await box.exec(['podman', 'auto-update', '--format', '{{.Image}} {{.Updated}}'], {
      timeout: 120_000,
    });
    expect(updated.stdout).toContain(`${image} true`);
    await untilReadyAgain(name);
    expect(await page(name)).toContain('v2');

    await pushImage('hello:broken', `${name}:latest`);
    const rolledBack = await box.exec(['podman', 'auto-update', '--format', '{{.Image}} {{.Updated}}'], {
      timeout: 180_000,
    });
    expect(rolledBack.stdout).toContain(`${image} rolled back`);
    await untilReadyAgain(name);
    expect(await page(name)).toContain('v2');
    await eventually(
      async () => {
        const events = await run(
          'get',
          'events',
          '-o',
          'custom-columns=T:.type,R:.reason,O:.involvedObject.name',
          '--no-headers',
        );
        expect(events).toMatch(new RegExp(`Warning +AutoUpdateRolledBack +${name}-`));
        expect(events).toMatch(new RegExp(`Normal +AutoUpdated +${name}-`));
      },
      { what: 'the API tells of the update and the rollback' },
    );
    await remove('deployment', name);
  });
});

it('happens through the stock timer too', async () => {
  await deploy('timed', false);
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
