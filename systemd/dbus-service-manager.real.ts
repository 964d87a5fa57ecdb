import { rm, writeFile } from 'node:fs/promises';
import { createDbusServiceManager } from './dbus-service-manager.ts';
import { type ConformanceUnit, serviceManagerConformance } from './service-manager.conformance.ts';

const FOLDER = '/run/systemd/system';

serviceManagerConformance('systemd over D-Bus', async () => ({
  manager: createDbusServiceManager(),
  define: (unit) => writeFile(`${FOLDER}/${unit.name}`, unitFile(unit)),
  undefine: (name) => rm(`${FOLDER}/${name}`, { force: true }),
  letRestart: async () => undefined,
  close: async () => undefined,
}));

function unitFile(unit: ConformanceUnit): string {
  const type = unit.type ?? 'simple';
  const command = type === 'oneshot' ? `/bin/sh -c 'exit ${unit.startStatus ?? 0}'` : '/bin/sleep infinity';
  const lines = [
    '[Unit]',
    ...(unit.requires ?? []).flatMap((name) => [`Requires=${name}`, `After=${name}`]),
    ...(unit.partOf ?? []).map((name) => `PartOf=${name}`),
    '[Service]',
    `Type=${type}`,
    `ExecStart=${command}`,
    `RemainAfterExit=${unit.remainAfterExit === true ? 'yes' : 'no'}`,
    `Restart=${unit.restart ?? 'no'}`,
    'RestartSec=100ms',
    ...(unit.slice === undefined ? [] : [`Slice=${unit.slice}`]),
  ];
  return `${lines.join('\n')}\n`;
}
