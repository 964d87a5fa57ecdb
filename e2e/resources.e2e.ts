import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, remove } from './pods.ts';

const SLEEP = 'exec sleep 1000';
const THING = 'e2e.quadshift.io/thing';

async function must(args: readonly string[]): Promise<string> {
  const result = await kubectl(args);
  expect(result, args.join(' ')).toMatchObject({ code: 0 });
  return result.stdout.trim();
}

const podOf = async (name: string): Promise<V1Pod> => JSON.parse(await must(['get', 'pod', name, '-o', 'json']));

function sleeper(name: string, resources: object, more: object = {}): string {
  const container = { name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', SLEEP], resources };
  return shellPod(name, '', { terminationGracePeriodSeconds: 0, containers: [container], ...more });
}

const ready = (name: string) => must(['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s']);

let node = '';

beforeAll(async () => {
  node = (await must(['get', 'nodes', '-o', 'name'])).replace('node/', '');
  await apply(sleeper('sized', { requests: { cpu: '100m', memory: '8Mi' } }));
  await ready('sized');
});

afterAll(async () => {
  for (const pod of ['sized', 'pool', 'low', 'high', 'repelled']) await remove('pod', pod);
  await kubectl(['delete', 'priorityclass', 'e2e-high']);
  await kubectl(['taint', 'node', node, 'e2e-']);
  const patch = JSON.stringify({ status: { capacity: { [THING]: null }, allocatable: { [THING]: null } } });
  await kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', '--patch', patch]);
});

describe('what a pod may use', () => {
  it('has a slice of its own, and a place among those that memory is taken from', async () => {
    const { metadata } = await podOf('sized');
    const slice = `qs-pod-${metadata?.uid?.replaceAll('-', '_')}.slice`;
    const group = `/sys/fs/cgroup/qs.slice/qs-pod.slice/${slice}/*_main.service/libpod-payload-*/cgroup.procs`;
    const score = await box.must(['sh', '-c', `cat /proc/$(head -n1 ${group})/oom_score_adj`]);
    expect(Number(score)).toBeGreaterThan(900);
    expect(await box.must(['systemctl', 'is-active', slice])).toBe('active\n');
  });

  it('is shown by kubectl top', async () => {
    expect(await must(['top', 'pod', 'sized', '--no-headers'])).toMatch(/^sized +\d+m +\d+Mi$/);
    expect(await must(['top', 'node', '--no-headers'])).toMatch(new RegExp(`^${node} +\\d+m +\\d+% +\\d+Mi +\\d+%$`));
    const summary = await must(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]);
    expect(summary).toContain('"podRef":{"name":"sized"');
  });

  it('is changed where it runs, as far as there is room', async () => {
    const resize = (cpu: string) => {
      const patch = { spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }] } };
      return must(['patch', 'pod', 'sized', '--subresource=resize', '--patch', JSON.stringify(patch)]);
    };
    const before = (await podOf('sized')).status?.containerStatuses?.[0]?.containerID;
    await resize('150m');
    await eventually(
      async () => (await podOf('sized')).status?.containerStatuses?.[0]?.resources?.requests?.['cpu'] === '150m',
      { what: 'the new request to be in force' },
    );
    await resize('1000');
    const pending = async () =>
      (await podOf('sized')).status?.conditions?.find(({ type }) => type === 'PodResizePending');
    await eventually(async () => (await pending())?.reason === 'Infeasible', { what: 'the resize to be infeasible' });
    expect((await podOf('sized')).status?.containerStatuses?.[0]).toMatchObject({
      containerID: before,
      restartCount: 0,
      allocatedResources: { cpu: '150m' },
    });
  });
});

describe('what a pod may use as a whole', () => {
  const resize = (cpu: string) => {
    const patch = { spec: { resources: { requests: { cpu } } } };
    return kubectl(['patch', 'pod', 'pool', '--subresource=resize', '--patch', JSON.stringify(patch)]);
  };

  it('is completed from its containers and shown', async () => {
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '2', memory: '64Mi' } };
    await apply(sleeper('pool', { requests: { memory: '8Mi' } }, { resources }));
    await ready('pool');
    const { spec, status } = await podOf('pool');
    const requests = { cpu: '100m', memory: '8Mi' };
    expect([spec?.resources, status?.resources, status?.allocatedResources]).toEqual([
      { ...resources, requests },
      { ...resources, requests },
      requests,
    ]);
  });

  it('is changed where it runs, as far as there is room', async () => {
    const before = (await podOf('pool')).status?.containerStatuses?.[0]?.containerID;
    const patch = JSON.stringify({ spec: { resources: null } });
    const none = await kubectl(['patch', 'pod', 'pool', '--subresource=resize', '--type=merge', '--patch', patch]);
    expect(none.stderr).toContain('spec.resources: Forbidden: pod-level resources cannot be removed');
    expect((await resize('150m')).code).toBe(0);
    await eventually(async () => (await podOf('pool')).status?.resources?.requests?.['cpu'] === '150m', {
      timeoutMs: 60_000,
      what: 'the new request to be in force',
    });
    await must([
      'patch',
      'pod',
      'pool',
      '--subresource=resize',
      '--patch',
      '{"spec":{"resources":{"limits":{"cpu":"2k"}}}}',
    ]);
    await resize('1000');
    await eventually(
      async () =>
        (await podOf('pool')).status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason ===
        'Infeasible',
      { timeoutMs: 60_000, what: 'the resize to be infeasible' },
    );
    expect((await podOf('pool')).status).toMatchObject({
      resources: { requests: { cpu: '150m' } },
      allocatedResources: { cpu: '150m' },
      containerStatuses: [{ containerID: before, restartCount: 0 }],
    });
  });
});

describe('who may stay', () => {
  it('is who matters more: others make room', async () => {
    const capacity = JSON.stringify({ status: { capacity: { [THING]: '1' }, allocatable: { [THING]: '1' } } });
    await must(['patch', 'node', node, '--subresource=status', '--type=merge', '--patch', capacity]);
    await must(['create', 'priorityclass', 'e2e-high', '--value=1000']);
    const one = { limits: { [THING]: '1' } };
    await apply(sleeper('low', one));
    await ready('low');
    await apply(sleeper('high', one, { priorityClassName: 'e2e-high' }));
    await ready('high');
    expect((await kubectl(['get', 'pod', 'low'])).code).not.toBe(0);
    const events = await must([
      'get',
      'events',
      '--field-selector=involvedObject.name=low,reason=Preempted',
      '-o',
      'name',
    ]);
    expect(events).not.toBe('');
  });

  it('is who tolerates the node', async () => {
    const tolerations = [{ key: 'e2e', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 }];
    await apply(sleeper('repelled', {}, { tolerations }));
    await ready('repelled');
    await must(['taint', 'node', node, 'e2e=now:NoExecute']);
    await must(['wait', '--for=delete', 'pod/repelled', '--timeout=30s']);
  });
});
