import { expect, it } from 'vitest';
import { listenFds } from './listen-fds.ts';

it('finds the sockets with their names', () => {
  const environment = { LISTEN_PID: '42', LISTEN_FDS: '2', LISTEN_FDNAMES: 'https:metrics' };
  expect(listenFds(environment, 42)).toEqual([
    { fd: 3, name: 'https' },
    { fd: 4, name: 'metrics' },
  ]);
  expect(listenFds({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42)).toEqual([{ fd: 3, name: 'unknown' }]);
});

it('finds none that are meant for another process, or none at all', () => {
  expect(listenFds({ LISTEN_PID: '41', LISTEN_FDS: '1' }, 42)).toEqual([]);
  expect(listenFds({ LISTEN_PID: '42', LISTEN_FDS: 'x' }, 42)).toEqual([]);
  expect(listenFds({}, 42)).toEqual([]);
});
