import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { credentialName, restingPlace } from '../../systemd/vault.ts';
import { unsealCommand } from '../../translators/units/pod/sealed.ts';

it('units look for secrets where, and under the name that, the server keeps them', () => {
  const folder = 'pods/u1';
  expect(unsealCommand(folder, { state: '/state', runtime: '/run' }).slice(1)).toEqual([
    `/run/${folder}`,
    `/state/${restingPlace(folder)}`,
    credentialName(folder),
  ]);
});

it('the unit before a pod’s first does the same, for the folders that a package has', () => {
  const folders = { state: '/var/lib/quadshift', runtime: '/run/quadshift' };
  const unit = readFileSync(join(import.meta.dirname, '../../systemd/units/quadshift-pod-secrets@.service'), 'utf8');
  expect(unit).toContain(`\nExecStart=${unsealCommand('pods/%i', folders).join(' ')}\n`);
  expect(unit).toContain(`\nConditionPathExists=!${folders.runtime}/pods/%i\n`);
});
