import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnitState } from './service-manager.ts';
import { createUnitLearner, type UnitLearner } from './unit-learner.ts';

/** Makes `x.service` of `x.pod` and `x.container`, as Quadlet does, of the folder that it is told of. */
const GENERATOR = `#!/bin/sh
for file in "$QUADLET_UNIT_DIRS"/*; do
  name=$(basename "$file"); service=\${name%.*}.service
  grep -q broken "$file" || printf '[Unit]\\nSourcePath=%s\\n[Service]\\n' "$file" > "$1/$service"
  if grep -q Install "$file"; then mkdir -p "$1/multi-user.target.wants"; fi
done
`;

let folder: string;
const place = (name: string) => join(folder, name);
const generated = () => readdirSync(place('generated')).sort();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'learner-'));
  for (const name of ['quadlets', 'generated', 'searched']) mkdirSync(place(name));
  writeFileSync(place('generator'), GENERATOR);
  chmodSync(place('generator'), 0o755);
  writeFileSync(place('quadlets/ours.network'), '[Network]');
  writeFileSync(place('quadlets/old.pod'), '[Pod]');
  utimesSync(place('searched'), 0, 0);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What systemd has in memory. */
let loaded: readonly Partial<UnitState>[];
let learner: UnitLearner;

beforeEach(() => {
  loaded = [];
  learner = createUnitLearner({
    serviceManager: { list: async () => loaded as UnitState[] },
    quadletFolder: place('quadlets'),
    scratch: place('scratch'),
    generator: place('generator'),
    generated: place('generated'),
    searched: place('searched'),
  });
});

function learn(
  changed: readonly string[],
  options: { onlyNew?: boolean; loaded?: readonly Partial<UnitState>[] } = {},
) {
  loaded = options.loaded ?? [];
  return learner.learn([{ changed, reloadNeeded: true, onlyNew: options.onlyNew ?? true, onlyGone: false }]);
}

function unlearn(...changed: readonly string[]) {
  return learner.learn([{ changed, reloadNeeded: true, onlyNew: false, onlyGone: true }]);
}

function quadlet(name: string, content = '[Container]'): string {
  writeFileSync(join(place('quadlets'), name), content);
  return `quadlet/${name}`;
}

it('puts the services of new Quadlets, and no others, where the next reload will put them', async () => {
  expect(await learn([quadlet('web.pod'), quadlet('app.container'), 'unit/web-gate.service'])).toBe(true);
  expect(generated()).toEqual(['app.service', 'web.service']);
  expect(readFileSync(place('generated/web.service'), 'utf8')).toContain(`SourcePath=${place('quadlets/web.pod')}\n`);
});

it('does not mind that a unit whose name begins like a new one’s is up', async () => {
  const neighbour: Partial<UnitState> = { name: 'web-2.service', activeState: 'active' };
  expect(await learn([quadlet('web.pod')], { loaded: [neighbour] })).toBe(true);
});

it('has systemd look again for units that it missed before', async () => {
  await learn([quadlet('web.pod')]);
  expect(statSync(place('searched')).mtimeMs).toBeGreaterThan(0);
});

it('leaves nothing behind', async () => {
  await learn([quadlet('web.pod')]);
  await learn([quadlet('bad.pod', 'broken')]);
  await vi.waitFor(() => expect(readdirSync(place('scratch'))).toEqual([]), 30_000);
});

it.each<[string, () => Promise<boolean>]>([
  ['a file that was changed', () => learn([quadlet('web.pod')], { onlyNew: false })],
  [
    'a unit that is up',
    () => learn([quadlet('web.pod')], { loaded: [{ name: 'web.service', activeState: 'active' }] }),
  ],
  ['a Quadlet that makes no service', () => learn([quadlet('web.pod'), quadlet('bad.container', 'broken')])],
  ['an enablement', () => learn([quadlet('web.pod', '[Install]')])],
  ['a drop-in of a unit that is not new', () => learn([quadlet('web.pod'), 'unit/old.service.d/10-more.conf'])],
  ['a drop-in of a Quadlet', () => learn(['quadlet/old.pod.d/10-more.conf'])],
  [
    'a service that is there already',
    () => {
      writeFileSync(place('generated/web.service'), '');
      return learn([quadlet('web.pod')]);
    },
  ],
])('leaves %s to a reload', async (_, attempt) => {
  expect(await attempt()).toBe(false);
});

it('takes drop-ins of what is new', async () => {
  expect(await learn([quadlet('web.pod'), 'unit/web.service.d/10-more.conf'])).toBe(true);
});

describe('of units that are deleted', () => {
  const all = ['quadlet/web.pod', 'unit/web-gate.service', 'unit/multi-user.target.wants/web-gate.service'];

  beforeEach(async () => {
    await learn([quadlet('web.pod'), quadlet('app.container'), 'unit/web-gate.service']);
    utimesSync(place('searched'), 0, 0);
  });

  it('takes the services away, and has systemd look again', async () => {
    expect(await unlearn(...all)).toBe(true);
    expect(generated()).toEqual(['app.service']);
    expect(statSync(place('searched')).mtimeMs).toBeGreaterThan(0);
  });

  it('leaves it to a reload when systemd has one in memory, or when they came by another run of Quadlet', async () => {
    loaded = [{ activeState: 'inactive' }];
    expect(await unlearn(...all)).toBe(false);
    loaded = [];
    expect(await unlearn('quadlet/old.pod')).toBe(false);
    expect(generated()).toEqual(['app.service', 'web.service']);
  });

  it('goes on to what came in the same batch: a pod of the same name', async () => {
    const [gone, came] = [['quadlet/web.pod'], [quadlet('web.pod', '[Pod]\n')]];
    const changes = [
      { changed: gone, reloadNeeded: true, onlyNew: false, onlyGone: true },
      { changed: came, reloadNeeded: true, onlyNew: true, onlyGone: false },
    ];
    expect(await learner.learn(changes)).toBe(true);
    expect(generated()).toEqual(['app.service', 'web.service']);
  });
});
