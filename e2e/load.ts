import { get } from 'node:http';

/** What became of the requests. */
export interface LoadReport {
  readonly sent: number;
  /** How each failed one failed, and how many ms after the first request. */
  readonly failures: readonly { readonly why: string; readonly atMs: number }[];
}

/** Requests at a constant rate, each on a connection of its own, however long the answers take. */
export interface Load {
  /** Stops sending; resolves when every request has ended. */
  stop(): Promise<LoadReport>;
}

function request(url: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
      response.on('error', (error) => resolve(`answer cut off: ${error.message}`));
    });
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', (error) => resolve(error.message));
  });
}

/** Starts the requests. */
export function startLoad(
  url: string,
  { perSecond, timeoutMs = 20_000 }: { perSecond: number; timeoutMs?: number },
): Load {
  const began = Date.now();
  const open: Promise<void>[] = [];
  const failures: { why: string; atMs: number }[] = [];
  // What a slow turn has missed is made up for: the rate is the rate.
  const timer = setInterval(() => {
    const due = ((Date.now() - began) / 1000) * perSecond;
    while (open.length < due) {
      const atMs = Date.now() - began;
      open.push(
        request(url, timeoutMs).then((why) => {
          if (why !== undefined) failures.push({ why, atMs });
        }),
      );
    }
  }, 5);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      return { sent: open.length, failures };
    },
  };
}
