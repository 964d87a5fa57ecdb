import type { JobResult } from './service-manager.ts';

/** Who waits for which job. */
export interface JobWaiters {
  /** The result of a job by object path. Call it before JobRemoved can have been seen. */
  wait(job: string, signal?: AbortSignal): Promise<JobResult>;
  /** JobRemoved. */
  finished(job: string, result: string): void;
  /** Nobody will hear of any job any more. */
  failAll(cause: Error): void;
}

interface Waiter {
  readonly resolve: (result: JobResult) => void;
  readonly reject: (cause: unknown) => void;
}

/** No jobs yet. */
export function createJobWaiters(): JobWaiters {
  const waiters = new Map<string, Waiter>();
  return {
    wait: (job, signal) => waitFor(waiters, job, signal),
    finished: (job, result) => {
      waiters.get(job)?.resolve(jobResultOf(result));
    },
    failAll: (cause) => {
      for (const waiter of waiters.values()) waiter.reject(cause);
    },
  };
}

async function waitFor(waiters: Map<string, Waiter>, job: string, signal?: AbortSignal): Promise<JobResult> {
  const { promise, resolve, reject } = Promise.withResolvers<JobResult>();
  const abort = (): void => reject(signal?.reason);
  waiters.set(job, { resolve, reject });
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await promise;
  } finally {
    waiters.delete(job);
    signal?.removeEventListener('abort', abort);
  }
}

function jobResultOf(word: string): JobResult {
  switch (word) {
    case 'done':
    case 'failed':
    case 'canceled':
    case 'timeout':
    case 'dependency':
    case 'skipped':
    case 'collected':
      return word;
    default:
      // `assert`, `unsupported`, `once`, `frozen`, `concurrency`: the unit did not come up.
      return 'failed';
  }
}
