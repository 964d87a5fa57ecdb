import { Agent, request } from 'node:http';

/** Whom to ask, and for how long. */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  /** The Host header. */
  readonly name: string;
  readonly ms: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** A connection for each request. */
  readonly newConnections?: boolean;
}

/** What came of it. */
export interface LoadResult {
  readonly answered: number;
  /** Other than 200, or none. */
  readonly failures: number;
  /** Answers per second. */
  readonly rate: number;
}

const CLIENTS = 16;

function once(options: LoadOptions, agent: Agent | false): Promise<boolean> {
  const { host, port, name } = options;
  return new Promise((resolve) => {
    const call = request({ host, port, agent, headers: { host: name }, timeout: 5_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

/** Sixteen clients, each with one request after the other. */
export async function routerLoad(options: LoadOptions): Promise<LoadResult> {
  const begin = performance.now();
  const agent = options.newConnections ? false : new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let [answered, failures] = [0, 0];
  const client = async (): Promise<void> => {
    while (performance.now() - begin < options.ms && !options.signal?.aborted) {
      if (await once(options, agent)) answered += 1;
      else failures += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  if (agent) agent.destroy();
  return { answered, failures, rate: (answered * 1000) / (performance.now() - begin) };
}
