import { afterAll, describe, expect, it } from 'vitest';
import { box, eventually, kubectl, kubectlStream } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, podsOf, remove, run, untilRolledOut } from './pods.ts';

afterAll(() => remove('deployment', 'shown'));

describe('kubectl against Quadshift', () => {
  it('applies a Deployment and waits for its rollout', async () => {
    expect(await apply(webDeployment({ name: 'shown' }))).toBe('deployment.apps/shown created\n');
    await untilRolledOut('shown');
    expect(await apply(webDeployment({ name: 'shown' }))).toBe('deployment.apps/shown unchanged\n');
  });

  it("prints upstream's columns", async () => {
    const out = await run('get', 'deployments,replicasets,pods', '-l', '', '-o', 'wide');
    expect(out).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR/m);
    expect(out).toMatch(/^deployment.apps\/shown +1\/1 +1 +1 +\S+ +web +localhost:5000\/hello:v1 +app=shown/m);
    expect(out).toMatch(/^NAME +DESIRED +CURRENT +READY +AGE +CONTAINERS +IMAGES +SELECTOR/m);
    expect(out).toMatch(/^replicaset.apps\/shown-\w+ +1 +1 +1 /m);
    expect(out).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES/m);
    expect(out).toMatch(/^pod\/shown-\w+-\w{5} +1\/1 +Running +0 +\S+ +10\.42\.\d+\.\d+ +\S+ +<none> +<none>/m);
  });

  it('describes the pod with its conditions and events', async () => {
    const [pod] = await podsOf('shown');
    const out = await run('describe', 'pod', pod?.metadata?.name ?? '');
    expect(out).toMatch(/^Status: +Running$/m);
    expect(out).toMatch(/Controlled By: +ReplicaSet\/shown-/);
    expect(out).toMatch(/Image ID: +\S*sha256:[0-9a-f]{64}/);
    expect(out).toMatch(/^ {2}Ready +True/m);
    expect(out).toMatch(/Normal +Scheduled .*Successfully assigned default\/shown-/);
    expect(out).toMatch(/Normal +Started .*Container started/);
  });

  it('scales, and shows the pods of the change in a watch as they appear', async () => {
    const watch = kubectlStream(['get', 'pods', '-l', 'app=shown', '-w', '--no-headers']);
    await eventually(() => expect(watch.output()).toMatch(/1\/1 +Running/), { what: 'the watch starts' });
    expect(await run('scale', 'deployment/shown', '--replicas=3')).toBe('deployment.apps/shown scaled\n');
    await untilRolledOut('shown');
    await eventually(
      () => {
        const ready = new Set(watch.output().match(/^shown-\S+(?= +1\/1 +Running)/gm));
        expect(ready.size).toBe(3);
      },
      { what: 'the watch shows three ready pods' },
    );
    await watch.stop();
    expect(watch.output()).toMatch(/0\/1 +(Pending|ContainerCreating)/);
    await run('scale', 'deployment/shown', '--replicas=1');
    await eventually(async () => expect(await podsOf('shown')).toHaveLength(1), { what: 'one pod is left' });
  });

  it('records what happened as events', async () => {
    const out = await run('get', 'events', '--sort-by=.lastTimestamp');
    expect(out).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE/);
    expect(out).toMatch(/ScalingReplicaSet +deployment\/shown +Scaled up replica set shown-\w+ from 1 to 3/);
    expect(out).toMatch(/SuccessfulCreate +replicaset\/shown-\w+ +Created pod: shown-/);
  });

  it('follows logs', async () => {
    const [pod] = await podsOf('shown');
    const name = pod?.metadata?.name ?? '';
    const logs = kubectlStream(['logs', '-f', name]);
    await kubectl(['exec', name, '--', 'sh', '-c', 'echo marker-$((40 + 2)) > /proc/1/fd/1']);
    await eventually(() => expect(logs.output()).toContain('marker-42'), { what: 'the line is followed' });
    await logs.stop();
    expect((await run('logs', name, '--tail=3')).trimEnd().split('\n')).toHaveLength(3);
  });

  it('runs commands with their input, output and exit status, with and without a terminal', async () => {
    const [pod] = await podsOf('shown');
    const name = pod?.metadata?.name ?? '';
    const piped = await kubectl(['exec', '-i', name, '--', 'cat'], { input: 'through and back\n' });
    expect(piped).toMatchObject({ stdout: 'through and back\n', code: 0 });
    const failed = await kubectl(['exec', name, '--', 'sh', '-c', 'echo oops >&2; exit 7']);
    expect(failed.code).toBe(7);
    expect(failed.stderr).toContain('oops');
    const terminal = await box.exec(['script', '-qec', `kubectl exec -it ${name} -- tty`, '/dev/null']);
    expect(terminal.stdout).toContain('/dev/pts/');
  });

  it('deletes the Deployment with everything that it became', async () => {
    expect(await run('delete', 'deployment', 'shown')).toMatch(
      /^deployment.apps "shown" deleted( from default namespace)?\n$/,
    );
    await eventually(
      async () => {
        expect(await podsOf('shown')).toEqual([]);
        expect(
          (await box.exec(['sh', '-c', 'ls /etc/containers/systemd/quadshift /etc/systemd/system'])).stdout,
        ).not.toContain('_shown-');
        expect((await box.exec(['podman', 'ps', '-a', '--format', '{{.Names}}'])).stdout).not.toContain('_shown-');
      },
      { what: 'nothing is left on the host' },
    );
    const sets = await getObject<{ items: unknown[] }>('replicasets', '-l', 'app=shown');
    expect(sets.items).toEqual([]);
  });
});
