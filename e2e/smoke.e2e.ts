import { describe, expect, it } from 'vitest';
import { box, eventually, kubectl } from './harness.ts';

describe('the box', () => {
  it('is a host with systemd, Podman on cgroup v2 and the sample images', async () => {
    expect(await box.must(['cat', '/proc/1/comm'])).toBe('systemd\n');
    const format = '{{.Host.CgroupsVersion}} {{.Host.CgroupManager}} {{.Host.LogDriver}} {{.Host.NetworkBackend}}';
    expect(await box.must(['podman', 'info', '--format', format])).toBe('v2 systemd journald netavark\n');
    const catalog = JSON.parse(await box.must(['curl', '-sf', 'http://localhost:5000/v2/_catalog']));
    expect(catalog.repositories).toEqual(expect.arrayContaining(['busybox', 'crash', 'hello']));
  });

  it('passes input, output and exit status of commands through', async () => {
    const { stdout, stderr, code } = await box.exec(['sh', '-c', 'cat; echo oops >&2; exit 7'], { input: 'in\n' });
    expect({ stdout, stderr, code }).toEqual({ stdout: 'in\n', stderr: 'oops\n', code: 7 });
  });

  it('is reached from outside by kubectl', async () => {
    expect(await kubectl(['get', '--raw=/readyz'])).toMatchObject({ code: 0, stdout: 'ok' });
  });

  it('keeps its disk through a power cut, and nothing of what ran', async () => {
    await box.must(['sh', '-c', 'echo kept >/root/kept; sync; sleep 98765 >/dev/null 2>&1 &']);
    const before = await box.must(['cat', '/proc/sys/kernel/random/boot_id']);
    await box.powerCut();
    expect(await box.isRunning()).toBe(false);
    await box.boot();
    expect(await box.must(['cat', '/root/kept'])).toBe('kept\n');
    expect(await box.must(['cat', '/proc/sys/kernel/random/boot_id'])).not.toBe(before);
    expect((await box.exec(['pgrep', '-fx', 'sleep 98765'])).code).toBe(1);
  });

  it('boots without a failed unit', async () => {
    const list = ['systemctl', 'list-units', '--failed', '--plain', '--no-legend'];
    const isUp = async () => (await box.exec(['systemctl', 'is-system-running'])).stdout.trim() === 'running';
    await eventually(isUp, { what: 'the boot to be complete' }).catch(() => undefined);
    expect(await box.must(list)).toBe('');
  });
});
