import type { ContainerProbes, HookAction } from '../../translators/formats/probes.ts';
import type { Podman } from '../host/podman.ts';
import { probeExec } from './exec-probe.ts';
import { requestHttp } from './http-probe.ts';

/** The kubelet never leaves a container less to end than this, in seconds. */
const LEAST_GRACE = 2;

/**
 * Stops a container that failed a probe, as the kubelet does: its preStop hook first, which counts into the grace
 * period; then the signal. A hook that fails holds nothing up.
 */
export async function stopContainer(
  podman: Pick<Podman, 'exec' | 'stopContainer'>,
  { podmanName, preStop }: ContainerProbes,
  graceSeconds: number,
): Promise<void> {
  const began = performance.now();
  if (preStop !== undefined && graceSeconds > 0) {
    await runHook(podman, podmanName, { hook: preStop, seconds: graceSeconds }).catch(() => undefined);
  }
  const left = graceSeconds - Math.floor((performance.now() - began) / 1_000);
  await podman.stopContainer(podmanName, Math.max(LEAST_GRACE, left));
}

async function runHook(
  podman: Pick<Podman, 'exec'>,
  container: string,
  { hook, seconds }: { readonly hook: HookAction; readonly seconds: number },
): Promise<void> {
  switch (hook.type) {
    case 'exec':
      return void (await probeExec(podman, { container, command: hook.command }, AbortSignal.timeout(seconds * 1_000)));
    case 'http':
      return void (await requestHttp(hook, seconds * 1_000));
    case 'sleep':
      return sleep(Math.min(hook.seconds, seconds));
    case 'invalid':
      return;
    default:
      hook satisfies never;
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
