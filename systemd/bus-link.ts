import { type Bus, type BusSignal, openBus } from './bus.ts';

/** How a link behaves. */
export interface BusLinkOptions {
  /** `unix:path=/run/dbus/system_bus_socket` */
  readonly address: string;
  /** Runs on each new connection before anybody may use it. */
  readonly setUp: (bus: Bus) => Promise<void>;
  readonly onSignal: (signal: BusSignal) => void;
  /** The connection was lost; what waits for its signals waits in vain. */
  readonly onLost: (cause: Error) => void;
  /** A connection stands again after one was lost, or after the first attempt of `keep` failed. */
  readonly onRestored: () => void;
  /** Delay before the n-th attempt in a row, ms. */
  readonly backOff?: (attempt: number) => number;
}

/** A connection that is made when needed and, once `keep` was called, made again whenever it is lost. */
export interface BusLink {
  bus(): Promise<Bus>;
  /** From now on the link is kept up. Resolves after the first attempt, whatever came of it. */
  keep(): Promise<void>;
  close(): void;
}

/** 0.1 s doubling to 10 s. */
const doubling = (attempt: number): number => Math.min(10_000, 100 * 2 ** attempt);

/** A link that has not connected yet. */
export function createBusLink(options: BusLinkOptions): BusLink {
  const backOff = options.backOff ?? doubling;
  let current: Promise<Bus> | undefined;
  let kept = false;
  let closed = false;
  let attempts = 0;
  let timer: NodeJS.Timeout | undefined;

  const lost = (cause: Error): void => {
    current = undefined;
    options.onLost(cause);
    retryLater();
  };

  const connect = async (): Promise<Bus> => {
    if (closed) throw new Error('the connection to the message bus was closed by us');
    const bus = await openBus(options.address, {
      onSignal: options.onSignal,
      onClose: (cause) => lost(cause ?? new Error('the message bus closed the connection')),
    });
    await options.setUp(bus);
    if (attempts > 0) options.onRestored();
    attempts = 0;
    return bus;
  };

  const bus = (): Promise<Bus> => {
    if (current !== undefined) return current;
    const attempt = connect();
    current = attempt;
    attempt.catch(() => {
      if (current === attempt) current = undefined;
      retryLater();
    });
    return attempt;
  };

  const retryLater = (): void => {
    if (!kept || closed || timer !== undefined) return;
    attempts += 1;
    timer = setTimeout(
      () => {
        timer = undefined;
        bus().catch(() => undefined);
      },
      backOff(attempts - 1),
    );
    timer.unref();
  };

  return {
    bus,
    keep: async () => {
      kept = true;
      await bus().catch(() => undefined);
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      current?.then((open) => open.close()).catch(() => undefined);
    },
  };
}
