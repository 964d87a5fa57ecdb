import type { CallOptions, DBusError, Message, MessageBus } from 'dbus-native';
import { readSparsely } from './sparse-dicts.ts';
import { UNIT_PROPERTIES } from './unit-properties.ts';

/** One method call. `body` is the argument vector for `signature`; strings are never spliced into anything. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** One signal. */
export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** How a call waits. */
export interface BusCallOptions {
  /** ms; 25 s unless told. */
  readonly timeoutMs?: number;
  /**
   * Sees the reply in the same turn in which it was parsed, before any signal that follows it on the wire.
   * A promise's continuation would come later than such a signal.
   */
  readonly onReply?: (values: readonly unknown[]) => void;
}

/** A connection to a message bus, for as long as it lasts: it never reconnects by itself. */
export interface Bus {
  /** Resolves with the reply's values. Rejects with dbus-native's errors (`dbusName`). */
  call(call: BusCall, options?: BusCallOptions): Promise<readonly unknown[]>;
  /** Asks the bus to deliver what the rule matches. */
  addMatch(rule: string): Promise<void>;
  close(): void;
}

/** Who hears from a connection. */
export interface BusListeners {
  readonly onSignal: (signal: BusSignal) => void;
  /** Once, after the connection has gone; every pending call has been rejected by then. */
  readonly onClose: (cause: Error | undefined) => void;
}

const CALL_TIMEOUT_MS = 25_000;
/** dbus-daemon refuses a connection's 129th pending reply (`max_replies_per_connection`); stay well below. */
const MAX_PENDING = 48;
const SIGNAL = 4;

/**
 * Connects to `address` (`unix:path=…`) and says Hello. Rejects when there is no bus within 10 s.
 * dbus-native is loaded here and not before: 40 ms and 11 MB that nobody pays without a bus.
 */
export async function openBus(address: string, listeners: BusListeners): Promise<Bus> {
  const { createClient } = await import('dbus-native');
  await readUnitsSparsely();
  const client = createClient({ busAddress: address, plainValues: true });
  const closed = watchConnection(client, listeners);
  const bus = limitedBus(client);
  try {
    // Any first round trip proves that the handshake and Hello went through; Hello itself takes no timeout.
    await Promise.race([bus.call(dbusCall('GetId'), { timeoutMs: 10_000 }), closed.failed]);
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
  closed.established();
  return bus;
}

/** Once for the process: what dbus-native makes of a message is the same for all its connections. */
const readUnitsSparsely = once(async () => {
  const { default: DBusBuffer } = await import('dbus-native/lib/dbus-buffer.js');
  const { default: parseSignature } = await import('dbus-native/lib/signature.js');
  readSparsely(DBusBuffer.prototype, new Set(UNIT_PROPERTIES), parseSignature);
});

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}

interface ConnectionWatch {
  /** Rejects when the connection fails before it was established. */
  readonly failed: Promise<never>;
  established(): void;
}

function watchConnection(client: MessageBus, listeners: BusListeners): ConnectionWatch {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  let open = false;
  let cause: Error | undefined;
  failed.catch(() => undefined);
  client.connection.on('error', (error) => {
    cause = error;
    reject(error);
  });
  client.connection.on('close', () => {
    reject(cause ?? new Error('the connection to the message bus was closed'));
    if (open) listeners.onClose(cause);
    open = false;
  });
  client.connection.on('message', (message) => {
    const signal = signalOf(message);
    if (signal !== undefined) listeners.onSignal(signal);
  });
  return {
    failed,
    established: () => {
      open = true;
    },
  };
}

function signalOf(message: Message): BusSignal | undefined {
  const { type, path, member, body } = message;
  if (type !== SIGNAL || path === undefined || member === undefined) return undefined;
  return { path, interface: message.interface ?? '', member, body: body ?? [] };
}

function limitedBus(client: MessageBus): Bus {
  const slots = createSlots(MAX_PENDING);
  const call = async (request: BusCall, options: BusCallOptions = {}): Promise<readonly unknown[]> => {
    await slots.take();
    try {
      return await invoke(client, request, options);
    } finally {
      slots.release();
    }
  };
  return {
    call,
    addMatch: async (rule) => {
      await call(dbusCall('AddMatch', 's', [rule]));
    },
    close: () => {
      client.connection.end();
    },
  };
}

function invoke(client: MessageBus, request: BusCall, options: BusCallOptions): Promise<readonly unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
  const callOptions: CallOptions = { timeout: options.timeoutMs ?? CALL_TIMEOUT_MS };
  const { body, ...header } = request;
  const message: Message = body === undefined ? header : { ...header, body: [...body] };
  client.invoke(message, callOptions, (error: DBusError | null, ...values: unknown[]) => {
    if (error !== null && error !== undefined) return reject(error);
    options.onReply?.(values);
    resolve(values);
  });
  return promise;
}

function dbusCall(member: string, signature?: string, body?: readonly unknown[]): BusCall {
  return {
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member,
    ...(signature === undefined ? {} : { signature, body: body ?? [] }),
  };
}

interface Slots {
  take(): Promise<void>;
  release(): void;
}

/** First come, first served. */
function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: () => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    release: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
