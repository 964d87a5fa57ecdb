import { rmSync } from 'node:fs';
import { type Box, openBox } from './box.ts';
import { boxName, CACHE_ROOT } from './settings.ts';
import { up } from './up.ts';

const USAGE = `usage: npm run up                      make and start the box, with Quadshift and an app in it
       npm run box -- COMMAND…         run a command in the box
       npm run box -- --reboot         shut the box down and start it again
       npm run box -- --power-cut      end it at once, as if the power failed
       npm run box -- --boot           start it again
       npm run down [-- --cache]       remove the box (and what new boxes are copied from)
QUADSHIFT_BOX=NAME chooses another box than "quadshift".
`;

async function main([verb, ...rest]: readonly string[]): Promise<number> {
  switch (verb) {
    case 'up':
      await up(boxName());
      return 0;
    case 'run':
      return run(rest);
    case 'down':
      return down(rest);
    default:
      return usage();
  }
}

async function run(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  switch (first) {
    case '--reboot':
      await existing().reboot();
      return 0;
    case '--power-cut':
      await existing().powerCut();
      return 0;
    case '--boot':
      await existing().boot();
      return 0;
    case '--':
      return rest.length > 0 ? existing().passThrough(rest) : usage();
    case undefined:
      return usage();
    default:
      return first.startsWith('--') ? usage() : existing().passThrough(words);
  }
}

async function down(words: readonly string[]): Promise<number> {
  await openBox(boxName())?.remove();
  if (words.includes('--cache')) rmSync(CACHE_ROOT, { recursive: true, force: true });
  return 0;
}

function existing(): Box {
  const box = openBox(boxName());
  if (!box) throw new Error(`there is no box ${boxName()}: make it with \`npm run up\``);
  return box;
}

function usage(): number {
  process.stderr.write(USAGE);
  return 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`quadshift box: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
