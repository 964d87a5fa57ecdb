import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createDbusServiceManager } from './dbus-service-manager.ts';
import { type ServiceManager, ServiceManagerError } from './service-manager.ts';

/** A socket in front of the system bus that can be cut off. */
interface Relay {
  listen(): Promise<void>;
  cut(): Promise<void>;
}

function createRelay(path: string): Relay {
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  const relay = (client: Socket): void => {
    const upstream = connect('/run/dbus/system_bus_socket');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.pipe(to);
    }
  };
  return {
    listen: () => {
      const listening = createServer(relay);
      server = listening;
      return new Promise((resolve) => listening.listen(path, resolve));
    },
    cut: async () => {
      server?.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await rm(path, { force: true });
    },
  };
}

describe('a service manager whose bus goes away', () => {
  let manager: ServiceManager;
  let relay: Relay;
  let folder = '';

  const open = async (): Promise<void> => {
    folder = await mkdtemp(join(tmpdir(), 'qs-bus-'));
    const path = join(folder, 'bus');
    relay = createRelay(path);
    manager = createDbusServiceManager({ address: `unix:path=${path}`, backOff: () => 50 });
  };

  afterEach(async () => {
    manager.close();
    await relay.cut();
    await rm(folder, { recursive: true });
  });

  it('rejects while there is none, and works once there is one', async () => {
    await open();
    await expect(manager.get('dbus.service')).rejects.toBeInstanceOf(ServiceManagerError);
    await relay.listen();
    expect(await manager.get('dbus.service')).toMatchObject({ activeState: 'active' });
  });

  it('tells a watcher to read everything again after each reconnect', async () => {
    await open();
    await relay.listen();
    let hints = 0;
    const abort = new AbortController();
    await manager.watch('qs-', (unit) => (hints += unit === '' ? 1 : 0), { signal: abort.signal });
    expect(hints).toBe(0);
    for (const expected of [1, 2]) {
      await relay.cut();
      await relay.listen();
      await expect.poll(() => hints, { timeout: 30_000 }).toBe(expected);
    }
    expect(await manager.get('dbus.service')).toMatchObject({ activeState: 'active' });
    abort.abort();
  });

  it('lets a watch begin without a bus and hints as soon as there is one', async () => {
    await open();
    let hints = 0;
    await manager.watch('qs-', () => (hints += 1), { signal: new AbortController().signal });
    await relay.listen();
    await expect.poll(() => hints, { timeout: 30_000 }).toBe(1);
  });

  it('fails a start that was waiting for its job', async () => {
    await open();
    await relay.listen();
    const unit = 'qs-conformance-slow.service';
    await writeFile(`/run/systemd/system/${unit}`, '[Service]\nType=oneshot\nExecStart=/bin/sleep 60\n');
    await manager.reload();
    const failure = expect(manager.start(unit)).rejects.toMatchObject({
      name: 'ServiceManagerError',
      dbusName: 'org.freedesktop.DBus.Error.Disconnected',
    });
    await expect.poll(async () => (await manager.get(unit)).activeState, { timeout: 30_000 }).toBe('activating');
    await relay.cut();
    await failure;
    await relay.listen();
    await manager.stop(unit);
    await rm(`/run/systemd/system/${unit}`);
    await manager.reload();
  });
});
