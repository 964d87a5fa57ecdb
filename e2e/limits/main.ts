import { join } from 'node:path';
import { type Claim, equals, prove } from './prove.ts';

const CLAIMS: readonly Claim[] = [
  {
    what: 'the kernel has the controllers',
    holds: (results) => ['cpu', 'memory'].every((name) => results.get('controllers')?.split(' ').includes(name)),
  },
  { what: 'the Node says that limits are enforced', holds: equals('node-condition', 'True') },
  { what: 'a container over its memory limit is OOMKilled and says so', holds: equals('oom-reason', 'OOMKilled') },
  { what: 'so is one whose child takes too much', holds: equals('oom-parent', 'OOMKilled') },
  { what: 'one that merely exits with 137 is not', holds: equals('pretender-reason', 'Error') },
  { what: 'it ends with 137', holds: equals('oom-exit-code', '137') },
  { what: 'the memory limit is the control group’s', holds: equals('memory-max', String(32 * 2 ** 20)) },
  { what: 'the quota is the control group’s', holds: equals('cpu-max', '20000 100000') },
  {
    what: 'a busy loop gets a fifth of the processor and no more',
    holds: (results) => Math.abs(Number(results.get('cpu-percent') ?? Number.NaN) - 20) <= 4,
  },
  { what: 'a resize reaches the running container', holds: equals('resized-cpu-max', '40000 100000') },
  { what: 'it is not restarted for that', holds: equals('resized-without-restart', 'yes') },
];

/** `npm run prove:limits`: an emulated machine whose kernel has every controller, and what becomes of greedy pods. */
process.exitCode = (await prove(join(import.meta.dirname, 'limits-guest'), CLAIMS)) ? 0 : 1;
