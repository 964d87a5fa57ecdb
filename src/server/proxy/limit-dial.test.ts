import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limitDial } from './limit-dial.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A request whose socket is on its way; answers what it was given up with. */
function dialling(during: (socket: EventEmitter) => void): string | undefined {
  let given: string | undefined;
  const request = Object.assign(new EventEmitter(), { destroy: (error: Error) => (given = error.message) });
  const socket = Object.assign(new EventEmitter(), { connecting: true });
  limitDial(request, '10.42.0.9:80');
  request.emit('socket', socket);
  during(socket);
  vi.advanceTimersByTime(60_000);
  return given;
}

it('gives up after half a minute without a connection', () => {
  expect(dialling(() => undefined)).toBe('dial tcp 10.42.0.9:80: i/o timeout');
});

it('leaves a connection that is there alone, however long the answer takes', () => {
  expect(dialling((socket) => socket.emit('connect'))).toBeUndefined();
});
