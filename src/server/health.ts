import type { Call, TextAnswer } from './call.ts';
import { PAGE_NOT_FOUND } from './errors.ts';
import type { HealthRecord } from './health-record.ts';

/** One thing that has to be well. */
export interface HealthCheck {
  readonly name: string;
  /** Which endpoints ask it: being alive (`livez`), ready (`readyz`), or both. `healthz` asks all. */
  readonly endpoints: readonly ('livez' | 'readyz')[];
  /** Resolves when well; a rejection's message goes to the log only. */
  readonly check: () => void | Promise<void>;
}

const PING: HealthCheck = { name: 'ping', endpoints: ['livez', 'readyz'], check: () => {} };

/** What is asked, and where it is written down how it went. */
export interface Health {
  readonly checks: readonly HealthCheck[];
  readonly record: HealthRecord;
}

/** Answers `/healthz`, `/livez`, `/readyz` and `/<endpoint>/<check>` in the words of apiserver's healthz package. */
export async function handleHealth({ checks, record }: Health, call: Call): Promise<TextAnswer> {
  const [endpoint = '', name] = call.path.slice(1).split('/');
  const asked = [PING, ...checks].filter(
    (check) => endpoint === 'healthz' || check.endpoints.some((e) => e === endpoint),
  );
  if (name !== undefined && name !== '') return answerOne(asked, name);
  const excluded = new Set(call.query.getAll('exclude'));
  const results = await Promise.all(
    asked.map(async (check) => {
      const result = await resultOf(check, excluded);
      if (!excluded.has(check.name)) record.observe({ name: check.name, type: endpoint, well: result.well });
      return result;
    }),
  );
  const failed = results.some(({ well }) => !well);
  const verdict = `${endpoint} check ${failed ? 'failed' : 'passed'}`;
  if (!failed && !call.query.has('verbose')) return plain(200, 'ok');
  return plain(failed ? 500 : 200, `${results.map(({ line }) => line).join('\n')}\n${verdict}\n`);
}

async function answerOne(checks: readonly HealthCheck[], name: string): Promise<TextAnswer> {
  const check = checks.find((candidate) => candidate.name === name);
  if (check === undefined) return PAGE_NOT_FOUND;
  const { well } = await resultOf(check, new Set());
  return well ? plain(200, 'ok') : plain(500, `internal server error: ${name} failed\n`);
}

interface Result {
  readonly well: boolean;
  readonly line: string;
}

async function resultOf(check: HealthCheck, excluded: ReadonlySet<string>): Promise<Result> {
  if (excluded.has(check.name)) return { well: true, line: `[+]${check.name} excluded: ok` };
  try {
    await check.check();
    return { well: true, line: `[+]${check.name} ok` };
  } catch {
    return { well: false, line: `[-]${check.name} failed: reason withheld` };
  }
}

function plain(status: number, body: string): TextAnswer {
  const headers = { 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' };
  return { kind: 'text', status, contentType: 'text/plain; charset=utf-8', body, headers };
}
