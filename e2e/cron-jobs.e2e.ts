import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CronJob, Job, Pod } from '../src/kinds/types.ts';
import { parseCronSchedule } from '../src/machinery/cron/cron-schedule.ts';
import { nextTime } from '../src/machinery/cron/cron-times.ts';
import { timeZone } from '../src/machinery/cron/time-zone.ts';
import { calendarEvents } from '../translators/formats/calendar.ts';
import { box, eventually } from './harness.ts';
import { apply, getObject, remove, run } from './pods.ts';

const shell = (script: string): Promise<string> => box.must(['sh', '-c', script]);

function cronJob(name: string, script: string, spec: object = {}): string {
  const containers = [{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] }];
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers } };
  const jobTemplate = { spec: { backoffLimit: 0, template } };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'default' },
    // No timer fires by itself while this is tested.
    spec: { schedule: '0 0 1 1 *', jobTemplate, ...spec },
  });
}

const folders: { [name: string]: string } = {};

/** As if the CronJob were old and had run last 400 days ago: has its timer's service run what is due. */
async function fire(name: string): Promise<void> {
  const folder = folders[name];
  await shell(`sed -i 's/^\\[ "\\$last" -gt .*/:/' ${folder}/compiled/run.sh`);
  await shell(`echo $(($(date +%s) - 400 * 86400)) > ${folder}/last`);
  await shell(`systemctl start qs-default__cron_${name}.service`);
}

const containers = async (name: string): Promise<readonly string[]> => {
  const units = await shell(`systemctl list-units --all --plain --no-legend 'qs-default_${name}-*_main.service'`);
  return units.split('\n').filter((line) => line !== '');
};

/** The journal has a service's lines a little after it has ended. */
async function untilSaid(name: string, text: string): Promise<void> {
  const log = () => shell(`journalctl -o cat -u qs-default__cron_${name}.service -n 20`);
  await eventually(async () => expect(await log()).toContain(text), { what: `${name} to say ${text}` });
}

beforeAll(async () => {
  await apply(cronJob('away', 'echo ran at $(hostname)'));
  await apply(cronJob('late', 'true', { startingDeadlineSeconds: 20 }));
  await apply(cronJob('single', 'sleep 60', { concurrencyPolicy: 'Forbid' }));
  await apply(cronJob('failing', 'exit 3'));
  await apply(cronJob('held', 'true', { suspend: true }));
  for (const name of ['away', 'late', 'single', 'failing']) {
    const { metadata } = await getObject<CronJob>('cronjob', name);
    folders[name] = `/var/lib/quadshift/cron/${metadata?.uid}`;
    await eventually(() => shell(`systemctl is-active qs-default__cron_${name}.timer`), {
      what: `the timer of ${name}`,
    });
  }
  await box.must(['systemctl', 'stop', 'quadshift.socket', 'quadshift.service']);
});

afterAll(async () => {
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('cronjob', 'away', 'late', 'single', 'failing', 'held');
  await eventually(async () => expect(await shell("ls /etc/systemd/system | grep '__cron_' || true")).toBe(''), {
    what: 'no timer is left',
  });
});

describe('without the API server', () => {
  it('a CronJob runs when its timer fires, and not when it is suspended', async () => {
    const next = await shell('systemctl show -P NextElapseUSecRealtime qs-default__cron_away.timer');
    expect(next).toMatch(/:00 /);
    await fire('away');
    await fire('failing');
    await eventually(async () => expect(await shell('cat /var/lib/quadshift/pods/*/completed/main')).toContain('=3'), {
      what: 'both pods ended',
    });
    expect(await shell("systemctl list-unit-files 'qs-default__cron_held*' --no-legend | wc -l")).toBe('0\n');
  });

  it('a run that is due is done once', async () => {
    await shell('systemctl start qs-default__cron_away.service');
    expect(await containers('away')).toHaveLength(1);
  });

  it('a run that is later than its deadline is not made up for', async () => {
    await fire('late');
    await untilSaid('late', 'too late for the run of');
    expect(await shell(`ls ${folders['late']}/runs 2>/dev/null | wc -l`)).toBe('0\n');
  });

  it('with Forbid there is no second run beside the first', async () => {
    await fire('single');
    await eventually(async () => expect((await containers('single')).join()).toContain('running'), {
      what: 'the first run goes on',
    });
    await shell(`rm -rf ${folders['single']}/runs/*`);
    await fire('single');
    expect(await containers('single')).toHaveLength(1);
    await untilSaid('single', 'still goes on');
  });
});

describe('back again, the API server', () => {
  it('has what ran as Jobs and pods, with their logs and ends', async () => {
    const slot = (await shell(`ls ${folders['away']}/runs`)).trim();
    const uid = (await shell(`sed -n s/POD_UID=//p ${folders['away']}/runs/${slot}/run`)).trim();
    await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    const job = await eventually(
      async () => {
        const found = await getObject<Job>('job', `away-${slot}`);
        expect(found.status?.succeeded).toBe(1);
        return found;
      },
      { what: 'the run is recorded' },
    );
    const selector = `batch.kubernetes.io/job-name=away-${slot}`;
    const { items } = await getObject<{ items: Pod[] }>('pods', '-l', selector);
    expect(items.map(({ metadata, status }) => [metadata?.uid, status?.phase])).toEqual([[uid, 'Succeeded']]);
    expect(await run('logs', `job/${job.metadata?.name}`)).toBe(`ran at ${items[0]?.metadata?.name}\n`);
    const failures = async () =>
      (await getObject<{ items: Job[] }>('jobs')).items
        .filter(({ metadata }) => metadata?.name?.startsWith('failing-'))
        .map(({ status }) => status?.failed);
    await eventually(async () => expect(await failures()).toContain(1), {
      what: 'the failed run is counted',
    });
  });
});

describe('calendar events', () => {
  it.each([
    ['*/7 3-9 * * *', undefined],
    ['0 5 13 * fri', undefined],
    ['30 4 1,15 2-6/2 *', 'Asia/Tokyo'],
    ['0 12 * * 1-5', 'America/St_Johns'],
  ])('of %j are when systemd says that they come', async (text, zone) => {
    const schedule = parseCronSchedule(text);
    if (!schedule.ok) throw new Error(schedule.message);
    const after = Date.UTC(2026, 4, 1);
    const events = calendarEvents(schedule.value, zone).map((event) => `'${event}'`);
    const output = await shell(
      `TZ=UTC LC_ALL=C systemd-analyze calendar --base-time=@${after / 1000} --iterations=8 ${events.join(' ')}`,
    );
    const theirs = [...output.matchAll(/(?:Next elapse|Iteration #\d+): \w+ (\S+) (\S+) UTC/g)]
      .map(([, date, time]) => Date.parse(`${date}T${time}Z`))
      .sort((a, b) => a - b);
    const ours: number[] = [];
    for (let at = after; ours.length < 8; ) {
      at = nextTime(schedule.value, at, timeZone(zone ?? 'Etc/UTC')) ?? Number.NaN;
      ours.push(at);
    }
    expect([...new Set(theirs)].slice(0, 8)).toEqual(ours);
  });
});
