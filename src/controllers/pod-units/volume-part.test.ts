import { expect, it } from 'vitest';
import type { Translation } from '../../../translators/host-file.ts';
import { volumePart } from './volume-part.ts';

it('is the volumes that lack nothing', () => {
  const file = (path: string) => ({ root: 'state', path: `pods/u1/${path}`, content: '', mode: 0o644 }) as const;
  const directory = (path: string) => ({ root: 'state', path: `pods/u1/${path}`, mode: 0o755 }) as const;
  const link = (path: string) => ({ root: 'state', path: `pods/u1/${path}`, target: 'x' }) as const;
  const translation: Translation = {
    files: [
      { root: 'quadlet', path: 'qs-a_web.pod', content: '', mode: 0o644 },
      ...['env/app.env', 'volumes/config-map/b/..1/k', 'volumes/config-map/bc/..1/k'].map(file),
    ],
    links: [
      { root: 'unit', path: 'multi-user.target.wants/qs-a_web.service', target: '../qs-a_web.service' },
      ...['volumes/config-map/b/..data', 'volumes/config-map/bc/..data'].map(link),
    ],
    directories: ['', 'volumes/empty-dir/e', 'volumes/config-map/b', 'volumes/config-map/bc'].map(directory),
    diagnostics: [],
  };
  const reference = { kind: 'ConfigMap', name: 'gone', optional: false } as const;
  const missing = [
    { reference: { ...reference, volume: 'b' }, message: '' },
    { reference: { ...reference, container: 'app' }, message: '' },
  ];
  const folders = [directory('volumes/config-map/bc')];
  expect(volumePart({ metadata: { uid: 'u1' } }, translation, missing)).toEqual({
    owner: 'u1',
    files: [file('volumes/config-map/bc/..1/k')],
    links: [link('volumes/config-map/bc/..data')],
    directories: folders,
    within: folders,
  });
});
