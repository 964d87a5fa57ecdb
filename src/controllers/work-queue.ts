import type { Clock } from './clock.ts';
import type { Requeue } from './controller.ts';

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 300_000;

/** Options of a work queue. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly process: (key: string) => Promise<Requeue | undefined>;
  readonly onError: (key: string, error: unknown, retryMs: number) => void;
}

/** What a queue has done since it was made. */
export interface QueueCounts {
  /** Keys that were added and weren't waiting. */
  readonly adds: number;
  /** Keys that wait now. */
  readonly depth: number;
  /** Looks that failed and are repeated. */
  readonly retries: number;
  /** Looks that ended, and how long they took, in seconds. */
  readonly looks: number;
  readonly seconds: number;
}

/** Keys waiting for work. Adding a waiting key again changes nothing; adding one at work makes it run once more. */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  counts(): QueueCounts;
  /** Resolves when nothing waits or works; keys with a pending delay don't count. */
  idle(): Promise<void>;
}

/** Delay before the n-th retry in a row: 5 ms doubling to 5 min. */
export function retryDelay(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30), LAST_RETRY_MS);
}

interface Delay {
  readonly at: number;
  readonly cancel: () => void;
}

class CoalescingQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delays = new Map<string, Delay>();
  readonly #failures = new Map<string, number>();
  #idle: (() => void)[] = [];
  #pumping = false;
  #adds = 0;
  #retries = 0;
  #looks = 0;
  #ms = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  add(key: string): void {
    if (this.#options.signal.aborted) return;
    const waiting = this.#working.has(key) ? this.#again : this.#waiting;
    if (!waiting.has(key)) this.#adds++;
    waiting.add(key);
    this.#schedule();
  }

  addAfter(key: string, ms: number): void {
    if (this.#options.signal.aborted) return;
    const at = this.#options.clock.elapsed() + ms;
    const pending = this.#delays.get(key);
    if (pending !== undefined && pending.at <= at) return;
    pending?.cancel();
    const cancel = this.#options.clock.after(ms, () => {
      this.#delays.delete(key);
      this.add(key);
    });
    this.#delays.set(key, { at, cancel });
  }

  counts(): QueueCounts {
    const depth = this.#waiting.size + this.#again.size;
    return { adds: this.#adds, depth, retries: this.#retries, looks: this.#looks, seconds: this.#ms / 1000 };
  }

  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #isIdle(): boolean {
    return this.#waiting.size === 0 && this.#working.size === 0;
  }

  /** Starts work after the current turn, so that a burst of changes becomes one look. */
  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#options.signal.aborted || this.#working.size >= this.#options.concurrency) break;
      this.#waiting.delete(key);
      this.#working.add(key);
      void this.#work(key);
    }
    if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #work(key: string): Promise<void> {
    const begin = this.#options.clock.elapsed();
    try {
      const requeue = await this.#options.process(key);
      this.#failures.delete(key);
      if (requeue !== undefined) this.addAfter(key, requeue.afterMs);
    } catch (error) {
      this.#retry(key, error);
    } finally {
      this.#looks++;
      this.#ms += this.#options.clock.elapsed() - begin;
      this.#working.delete(key);
      if (this.#again.delete(key)) this.#waiting.add(key);
      this.#schedule();
    }
  }

  #retry(key: string, error: unknown): void {
    if (this.#options.signal.aborted) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#retries++;
    const ms = retryDelay(failures);
    this.#options.onError(key, error, ms);
    this.addAfter(key, ms);
  }

  #stop(): void {
    for (const delay of this.#delays.values()) delay.cancel();
    this.#delays.clear();
    this.#waiting.clear();
    this.#again.clear();
    this.#schedule();
  }
}

/** A queue that runs each key at most once at a time and retries failures with exponential back-off. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new CoalescingQueue(options);
}
