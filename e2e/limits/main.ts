import { join } from 'node:path';
import { type Claim, equals, prove } from './prove.ts';

const mebibytes = (count: number): string => String(count * 2 ** 20);

/** What Podman itself may use in the slice of a pod with two containers, in MiB. */
const POD_OVERHEAD = 24;

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
  { what: 'a pod’s own memory limit is its slice’s', holds: equals('pool-slice-memory', mebibytes(64 + POD_OVERHEAD)) },
  { what: 'so is its quota', holds: equals('pool-slice-cpu', '30000 100000') },
  { what: 'containers without limits may use all of it', holds: equals('pool-memory', mebibytes(64)) },
  {
    what: 'a resize of the pod reaches its running slice',
    holds: equals('pool-resized-slice-memory', mebibytes(96 + POD_OVERHEAD)),
  },
  { what: 'its quota too', holds: equals('pool-resized-slice-cpu', '50000 100000') },
  { what: 'and containers without limits', holds: equals('pool-resized-memory', mebibytes(96)) },
  { what: 'the pod says what it has', holds: equals('pool-resized-status', '96Mi 500m') },
  {
    what: 'memory in use is not taken away, and the pod says so',
    holds: (results) =>
      !!results.get('pool-refused')?.startsWith('cannot decrease memory limits: ') &&
      results.get('pool-refused-slice-memory') === mebibytes(96 + POD_OVERHEAD),
  },
  { what: 'less is given while it is enough', holds: equals('pool-lowered-slice-cpu', '20000 100000') },
  { what: 'no container is another one after that', holds: equals('pool-same', 'yes') },
  { what: 'nor was one restarted', holds: equals('pool-restarts', '0 0') },
  {
    what: 'the slice is the same when it comes from its file, without the API server',
    holds: equals('pool-again-slice-memory', mebibytes(48 + POD_OVERHEAD)),
  },
  { what: 'its quota is', holds: equals('pool-again-slice-cpu', '20000 100000') },
  { what: 'the Node has huge pages', holds: equals('node-hugepages', '32Mi') },
  { what: 'a container gets no more huge pages than its limit', holds: equals('huge-exit-code', '0') },
  { what: 'a pod reads a folder of an NFS server', holds: equals('nfs-read', 'from the server') },
  { what: 'and writes to it', holds: equals('nfs-written', 'from the pod') },
  { what: 'where it may only read, it does not', holds: equals('nfs-denied', 'Read-only file system') },
  {
    what: 'nothing of that is mounted any more when it is gone, and the data is there',
    holds: equals('nfs-left', '0 kept'),
  },
];

/** `npm run prove:limits`: an emulated machine whose kernel has every controller, and what becomes of greedy pods. */
process.exitCode = (await prove(join(import.meta.dirname, 'limits-guest'), CLAIMS)) ? 0 : 1;
