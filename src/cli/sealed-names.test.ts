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
