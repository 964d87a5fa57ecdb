import { type StoreEvent, type StoreWatch, WatchOverflowError } from './store.ts';

interface Waiter {
  readonly resolve: (result: IteratorResult<StoreEvent>) => void;
  readonly reject: (error: Error) => void;
}

const DONE: IteratorResult<StoreEvent> = { done: true, value: undefined };

/**
 * One watcher's bounded queue between the store, which never waits, and a reader that may be slow. What it starts
 * with (`backlog`) doesn't count against the capacity.
 */
export class WatchQueue implements StoreWatch, AsyncIterator<StoreEvent> {
  readonly #limit: number;
  readonly #waiters: Waiter[] = [];
  #queue: StoreEvent[];
  #head = 0;
  #ended = false;
  #failure: Error | undefined;
  #release: () => void = () => {};

  constructor(backlog: readonly StoreEvent[], capacity: number) {
    this.#queue = [...backlog];
    this.#limit = capacity + backlog.length;
  }

  /** Sets what is called once when the watch ends, however it ends. */
  onEnd(release: () => void): void {
    this.#release = release;
  }

  /** Takes events from the store; ends the watch with WatchOverflowError when the reader is too far behind. */
  push(events: readonly StoreEvent[]): void {
    if (this.#ended) return;
    for (const event of events) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#queue.push(event);
      else waiter.resolve({ done: false, value: event });
    }
    if (this.#queue.length - this.#head > this.#limit) this.#end(new WatchOverflowError());
  }

  /** Ends the watch; events not read yet are dropped. */
  close(): void {
    this.#end(undefined);
  }

  next(): Promise<IteratorResult<StoreEvent>> {
    const event = this.#shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<StoreEvent>> {
    this.close();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): AsyncIterator<StoreEvent> {
    return this;
  }

  #shift(): StoreEvent | undefined {
    const event = this.#queue[this.#head];
    if (event === undefined) return undefined;
    this.#head++;
    if (this.#head > 256 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #end(failure: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#queue = [];
    this.#head = 0;
    this.#release();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
  }
}
