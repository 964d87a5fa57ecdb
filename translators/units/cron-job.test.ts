import { describe, expect, it } from 'vitest';
import { lookupAll } from '../../quadlet/unit-file.ts';
import { parseUnit } from '../../quadlet/unit-text.ts';
import { validateUnit } from '../../quadlet/validate-unit.ts';
import type { CronJob, Pod } from '../../src/kinds/types.ts';
import { parseCronSchedule } from '../../src/machinery/cron/cron-schedule.ts';
import type { Translation } from '../host-file.ts';
import { cronJobOfService, cronJobOfTimer, cronUnitNames } from './cron-job/names.ts';
import { placeholderPodName } from './cron-job/placeholders.ts';
import { translateCronJob } from './cron-job.ts';

function cronJob(spec: object = {}): CronJob {
  const metadata = { name: 'tick', namespace: 'shop', uid: 'c1', generation: 3 };
  return { metadata, spec: { schedule: '0 5 13 * fri', ...spec } } as CronJob;
}

function translate(object: CronJob): Translation {
  const schedule = parseCronSchedule(object.spec?.schedule ?? '');
  if (!schedule.ok) throw new Error(schedule.message);
  const name = placeholderPodName('tick');
  const pod: Pod = { metadata: { name, namespace: 'shop' }, spec: { containers: [{ name: 'main' }] } };
  return translateCronJob(object, {
    schedule: schedule.value,
    pod,
    translation: {
      files: [
        { root: 'quadlet', path: `qs-shop_${name}.pod`, content: '[Pod]\n', mode: 0o644 },
        { root: 'state', path: 'pods/u/env/main.env', content: 'A=b\n', mode: 0o600, user: 7 },
      ],
      directories: [{ root: 'state', path: 'pods/u', mode: 0o700 }],
      links: [{ root: 'unit', path: `multi-user.target.wants/qs-shop_${name}.service`, target: '../x.service' }],
      diagnostics: [],
    },
    since: 1_767_000_000,
    roots: { quadlet: '/q', unit: '/u', state: '/s', sealed: '/r' },
    addresses: { first: '10.42.254.255', count: 256 },
  });
}

const textOf = (translation: Translation, path: string): string =>
  String(translation.files.find((file) => file.path === path)?.content);
const script = (spec: object = {}): string => textOf(translate(cronJob(spec)), 'cron/c1/compiled/run.sh');

describe('a CronJob', () => {
  it('becomes a timer for each of its calendar events, enabled for boots, and a service', () => {
    const translation = translate(cronJob({ timeZone: 'Europe/Berlin' }));
    const timer = parseUnit(textOf(translation, 'qs-shop__cron_tick.timer'));
    expect(lookupAll(timer, 'Timer', 'OnCalendar')).toEqual([
      '*-*-13 05:00:00 Europe/Berlin',
      'Fri *-*-* 05:00:00 Europe/Berlin',
    ]);
    expect(lookupAll(timer, 'Timer', 'Persistent')).toEqual(['true']);
    expect(translation.links).toContainEqual({
      root: 'unit',
      path: 'timers.target.wants/qs-shop__cron_tick.timer',
      target: '../qs-shop__cron_tick.timer',
    });
    const service = parseUnit(textOf(translation, 'qs-shop__cron_tick.service'));
    expect(lookupAll(service, 'Service', 'ExecStart')).toEqual(['/s/cron/c1/compiled/run.sh']);
    for (const unit of [timer, service]) {
      expect(validateUnit(unit, [5, 4])).toEqual([]);
      expect(lookupAll(unit, 'X-Kubernetes', 'UID')).toEqual(['c1']);
    }
  });

  it('keeps the files of its pod, with their modes and owners, for a run to copy', () => {
    const { files, directories, links } = translate(cronJob());
    const below = 'cron/c1/compiled/files';
    expect(files).toContainEqual({
      root: 'state',
      path: `${below}/state/pods/u/env/main.env`,
      content: 'A=b\n',
      mode: 0o600,
      user: 7,
    });
    expect(directories).toContainEqual({ root: 'state', path: `${below}/state/pods/u`, mode: 0o700 });
    expect(links.map(({ path }) => path)).toContain(
      `${below}/unit/multi-user.target.wants/qs-shop_tick-00000000-00000.service`,
    );
  });

  it('with @every is looked at each minute, and its script counts', () => {
    const translation = translate(cronJob({ schedule: '@every 90m' }));
    const timer = parseUnit(textOf(translation, 'qs-shop__cron_tick.timer'));
    expect(lookupAll(timer, 'Timer', 'OnCalendar')).toEqual(['*-*-* *:*:00']);
    expect(textOf(translation, 'cron/c1/compiled/run.sh')).toContain('(now - last) / 5400 * 5400');
  });

  it('gives a run a slice of its own', () => {
    expect(script()).toContain('s/00000000_0000_4000_8000_000000000002/$(echo "$POD_UID" | tr - _)/g');
    expect(script()).toContain("-o -name '*00000000_0000_4000_8000_000000000002*' \\)");
  });

  it('holds its deadline, its concurrency and its history in the script', () => {
    expect(script()).not.toContain('too late');
    expect(script({ startingDeadlineSeconds: 30 })).toContain('[ $((now - due)) -le 30 ] || fail');
    expect(script({ concurrencyPolicy: 'Forbid' })).toContain('fail "the run before still goes on"');
    expect(script({ concurrencyPolicy: 'Replace' })).toContain('systemctl stop "$gate"');
    expect(script({ successfulJobsHistoryLimit: 7 })).toContain('[ $kept_succeeded -le 7 ]');
  });
});

describe('names of its units', () => {
  it('say whose they are', () => {
    const { timer, service } = cronUnitNames({ namespace: 'shop', name: 'a.b-c' });
    expect([cronJobOfTimer(timer), cronJobOfService(service)]).toEqual(['shop/a.b-c', 'shop/a.b-c']);
    expect(cronJobOfService('qs-shop_web-1.service')).toBeUndefined();
    expect(cronJobOfService('qs-shop_web-1__pod.service')).toBeUndefined();
  });
});
