import { describe, expect, it } from 'vitest';
import { createFakePodman } from '../host/fake-podman.ts';
import type { OciRuntimes } from '../host/oci-runtime.ts';
import { createExecProber } from './runtime-exec.ts';

const soon = (): AbortSignal => AbortSignal.timeout(30_000);
const target = { container: 'app', command: ['check', 'it'] };

/** A container under a runtime; commands are noted with the id that they went to. */
function house(runtime = 'crun') {
  const asked: string[] = [];
  const podman = createFakePodman();
  podman.setContainer({ name: 'app', id: 'one', runtime });
  const exec: OciRuntimes['exec'] = async ({ id, command }) => {
    asked.push(`${id}: ${command.join(' ')}`);
    if ((await podman.inspectContainer('app'))?.id !== id) throw new Error('crun: container does not exist');
    if (command[0] === 'nosuch') throw new Error('crun: executable file not found');
    return { status: command[0] === 'bad' ? 3 : 0, output: 'said' };
  };
  const prober = createExecProber(podman, { knows: (name) => name === 'crun', exec });
  return { asked, podman, prober };
}

describe('createExecProber', () => {
  it('asks the runtime, and finds the container again after a restart', async () => {
    const { asked, podman, prober } = house();
    expect(await prober(target, soon())).toEqual({ result: 'success', message: 'said' });
    podman.removeContainer('app');
    podman.setContainer({ name: 'app', id: 'two', runtime: 'crun' });
    expect(await prober({ ...target, command: ['bad'] }, soon())).toEqual({ result: 'failure', message: 'said' });
    expect(asked).toEqual(['one: check it', 'one: bad', 'two: bad']);
  });

  it('makes nothing of a command that cannot be started', async () => {
    const { prober } = house();
    await prober(target, soon());
    await expect(prober({ ...target, command: ['nosuch'] }, soon())).rejects.toThrow('executable file not found');
  });

  it('leaves runtimes that it does not know to Podman', async () => {
    const { asked, podman, prober } = house('runsc');
    podman.onExec(async () => 1);
    expect((await prober(target, soon())).result).toBe('failure');
    expect(asked).toEqual([]);
  });
});
