import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, podsOf, remove, untilRolledOut } from './pods.ts';

async function must(...argv: readonly string[]): Promise<string> {
  const result = await box.exec(argv);
  expect(result, argv.join(' ')).toMatchObject({ code: 0 });
  return result.stdout;
}

let pod = '';

beforeAll(async () => {
  await apply(webDeployment({ name: 'seen', sidecar: true }));
  await untilRolledOut('seen');
  pod = (await podsOf('seen'))[0]?.metadata?.name ?? '';
});
afterAll(() => remove('deployment', 'seen'));

describe('the workload as systemd and Podman see it', () => {
  it('is a pod, a gate and one service a container', async () => {
    const units = () => must('systemctl', 'list-units', '--no-legend', '--plain', 'qs-*seen*');
    // The gate sees the pod's readiness for itself, perhaps a little later than the API.
    await eventually(async () => expect((await units()).match(/ loaded active /g)).toHaveLength(4), {
      what: 'four active units',
    });
    expect(await must('podman', 'pod', 'ps', '--format', '{{.Name}} {{.Status}}')).toMatch(
      new RegExp(`${pod} Running`),
    );
  });

  it('names its owner in every generated file', async () => {
    const files = (
      await must('sh', '-c', `find /etc/containers/systemd/quadshift /etc/systemd/system -type f -path '*${pod}*'`)
    )
      .trim()
      .split('\n');
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const text = await must('cat', file);
      expect(text, file).toMatch(/\[X-Kubernetes\]\n(.*\n)*?Kind=Pod/);
      expect(text, file).toContain(`Name=${pod}`);
    }
  });

  it('is accepted by quadlet and by systemd-analyze without a word', async () => {
    const dryRun = await box.exec(['/usr/libexec/podman/quadlet', '-dryrun']);
    expect(dryRun.code).toBe(0);
    expect(dryRun.stderr).not.toMatch(/unsupported|error|warning|cannot/i);
    const list = `systemctl list-units --no-legend --plain 'qs-*${pod}*' | cut -d' ' -f1`;
    const files = await must('sh', '-c', `systemctl show -p FragmentPath --value $(${list})`);
    const units = files.split('\n').filter((line) => line.startsWith('/'));
    expect(units).toHaveLength(4);
    const verified = await box.exec(['systemd-analyze', 'verify', ...units]);
    expect(verified.stderr.split('\n').filter((line) => line.includes('qs-'))).toEqual([]);
    expect(verified.code).toBe(0);
  });
});
