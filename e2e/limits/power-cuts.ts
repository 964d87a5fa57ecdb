import { join } from 'node:path';
import { type Claim, equals, prove, type Results } from './prove.ts';

/** The boots that follow a cut. */
const BOOTS = [1, 2, 3];

/** The highest ConfigMap that was acknowledged before a boot. */
function acked(results: Results, boot: number): number {
  const [number, code] = results.get(`acked-b${boot - 1}`)?.split(':') ?? [];
  return code === '201' ? Number(number) : Number.NaN;
}

const claimsOf = (boot: number): readonly Claim[] => [
  {
    what: `cut ${boot}: every acknowledged write is there`,
    holds: (results) => acked(results, boot) > 0 && Number(results.get(`kept-${boot}`)) >= acked(results, boot),
  },
  {
    what: `cut ${boot}: no resourceVersion comes again`,
    holds: (results) =>
      Number(results.get(`version-${boot}`)) >= Number(results.get(`version-${boot - 1}`) ?? 0) + acked(results, boot),
  },
  {
    what: `cut ${boot}: a watch goes on from before it`,
    holds: (results) =>
      Number(results.get(`watch-${boot}`)?.split(' ')[0]) >= acked(results, boot) &&
      !!results.get(`watch-${boot}`)?.endsWith(' 0'),
  },
  { what: `cut ${boot}: what was asked for runs`, holds: equals(`workloads-${boot}`, 'yes') },
  { what: `cut ${boot}: the volume has what was written`, holds: equals(`record-${boot}`, 'kept') },
  {
    what: `cut ${boot}: the ConfigMap's volume says what the ConfigMap does`,
    holds: (results) =>
      !!results.get(`wanted-${boot}`) && results.get(`settings-${boot}`) === results.get(`wanted-${boot}`),
  },
  { what: `cut ${boot}: the Secret is as it was`, holds: equals(`password-${boot}`, 's3cr$t s3cr$t') },
  { what: `cut ${boot}: no file is torn`, holds: equals(`empty-${boot}`, '0') },
  { what: `cut ${boot}: no unit has failed`, holds: equals(`failed-${boot}`, '0') },
];

/** `npm run prove:power-cuts`: an emulated machine that is reset in the middle of writes, three times. */
const guest = join(import.meta.dirname, 'power-cuts-guest');
process.exitCode = (await prove(guest, BOOTS.flatMap(claimsOf), BOOTS.length + 1)) ? 0 : 1;
