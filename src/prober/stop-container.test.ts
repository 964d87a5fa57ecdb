import { describe, expect, it } from 'vitest';
import type { ContainerProbes } from '../../translators/formats/probes.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import { stopContainer } from './stop-container.ts';

const container = (preStop?: ContainerProbes['preStop']): ContainerProbes => ({
  name: 'app',
  podmanName: 'app',
  unit: 'app.service',
  terminationGracePeriodSeconds: 30,
  ...(preStop && { preStop }),
});

/** Podman that notes what it is asked to do. */
function noting(exitStatus = 0) {
  const done: string[] = [];
  const podman = createFakePodman();
  podman.onExec(async ({ command }) => {
    done.push(command.join(' '));
    return exitStatus;
  });
  podman.setContainer({ name: 'app' });
  const stop = async (_: string, seconds: number): Promise<void> => void done.push(`stop ${seconds}`);
  return { done, podman: { ...podman, stopContainer: stop } };
}

describe('stopContainer', () => {
  it('runs the preStop hook first, also when that fails', async () => {
    for (const status of [0, 1]) {
      const { done, podman } = noting(status);
      await stopContainer(podman, container({ type: 'exec', command: ['bye', 'now'] }), 30);
      expect(done).toEqual(['bye now', 'stop 30']);
    }
  });

  it('leaves the container two seconds at least, and skips the hook without any', async () => {
    const { done, podman } = noting();
    await stopContainer(podman, container({ type: 'sleep', seconds: 60 }), 1);
    await stopContainer(podman, container({ type: 'exec', command: ['bye'] }), 0);
    expect(done).toEqual(['stop 2', 'stop 2']);
  });
});
