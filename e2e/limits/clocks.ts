import { join } from 'node:path';
import { type Claim, equals, prove } from './prove.ts';

/** By how much the clock is set, one after the other: the last brings it back. */
const JUMPS = ['a-day-on', 'a-day-back', 'ten-years-on', 'ten-years-back'];
const ON = JUMPS.filter((jump) => jump.endsWith('-on'));

const claimsOf = (jump: string): readonly Claim[] => [
  { what: `${jump}: the containers are those of before`, holds: equals(`${jump}-same`, 'yes') },
  { what: `${jump}: the API answers to the kubeconfig of now`, holds: equals(`${jump}-answers`, 'yes') },
  { what: `${jump}: probes go on`, holds: equals(`${jump}-probed`, 'yes') },
  { what: `${jump}: the Node is ready`, holds: equals(`${jump}-node`, 'yes') },
  { what: `${jump}: the Deployment is as far as it was`, holds: equals(`${jump}-progressing`, 'yes') },
  { what: `${jump}: the pod's token is good`, holds: equals(`${jump}-token`, '200') },
  { what: `${jump}: the Job goes on`, holds: equals(`${jump}-job`, 'yes') },
];

/** A Job's deadline and its time to live go by the time of day, as upstream: a day is not yet enough, ten years are. */
const limitsOf = (jump: string): readonly Claim[] => {
  const isOver = jump.startsWith('ten-years');
  return [
    {
      what: `${jump}: a Job ${isOver ? 'has come to' : 'is within'} its deadline by the clock`,
      holds: equals(`${jump}-bounded`, isOver ? 'DeadlineExceeded' : ''),
    },
    {
      what: `${jump}: a Job that is done is ${isOver ? 'gone' : 'kept'} by the clock`,
      holds: equals(`${jump}-brief`, isOver ? '0' : '1'),
    },
  ];
};

const CLAIMS: readonly Claim[] = [
  ...JUMPS.flatMap(claimsOf),
  ...JUMPS.flatMap(limitsOf),
  { what: 'nothing was restarted', holds: equals('restarts', '0') },
  ...ON.map((jump) => ({
    what: `${jump}: of the runs that were missed the CronJob makes one`,
    holds: (results: ReadonlyMap<string, string>) =>
      Number(results.get(`${jump}-runs`)) >= 1 &&
      Number(results.get(`${jump}-runs`)) <= Number(results.get(`${jump}-minutes`)) / 10 + 2,
  })),
  { what: 'too many missed start times are told of', holds: equals('too-many', 'yes') },
  { what: 'a run that is later than its deadline is not made up for', holds: equals('late-runs', '0') },
];

/** `npm run prove:clocks`: an emulated machine whose clock is set by days and years while workloads run. */
process.exitCode = (await prove(join(import.meta.dirname, 'clocks-guest'), CLAIMS)) ? 0 : 1;
