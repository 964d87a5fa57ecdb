import { execFileSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';

const UNIT = 'qs-conformance-notify.service';
const SOURCE = `
  import { createNotifier } from '${new URL('./notify.ts', import.meta.url).pathname}';
  const notifier = createNotifier(process.env, console.error);
  await notifier.ready('one\\nREADY=0 two');
  const stop = new AbortController();
  notifier.watch(() => true, { signal: stop.signal });
  process.on('SIGUSR1', () => stop.abort());
  setInterval(() => undefined, 1000);
`;
const show = (property: string): string =>
  execFileSync('systemctl', ['show', '--value', '-p', property, UNIT], { encoding: 'utf8' }).trim();

afterEach(() => {
  execFileSync('systemctl', ['stop', UNIT]);
  execFileSync('systemctl', ['reset-failed', UNIT], { stdio: 'ignore' });
});

it('becomes ready, shows its status, lives while it pings and is killed when it stops', async () => {
  const properties = ['Type=notify', 'NotifyAccess=main', 'WatchdogSec=3', 'Environment=HOME=/root'];
  const options = properties.flatMap((property) => ['--property', property]);
  execFileSync('systemd-run', [
    '--quiet',
    `--unit=${UNIT}`,
    ...options,
    process.execPath,
    '--input-type=module',
    '-e',
    SOURCE,
  ]);
  expect(show('ActiveState')).toBe('active');
  expect(show('StatusText')).toBe('one READY=0 two');

  const pings = new Set<string>();
  await expect.poll(() => pings.add(show('WatchdogTimestampMonotonic')).size, { timeout: 30_000 }).toBeGreaterThan(2);
  expect(show('ActiveState')).toBe('active');

  execFileSync('systemctl', ['kill', '--signal=SIGUSR1', UNIT]);
  await expect.poll(() => show('Result'), { timeout: 30_000 }).toBe('watchdog');
});
