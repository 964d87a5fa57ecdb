import type { TextAnswer } from './call.ts';
import { SERVER_VERSION } from './version.ts';

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';

/** `/flagz`: with which flags the server runs, as `name=value`. */
export function flagsPage(): TextAnswer {
  return page(`\napiserver flagz\n${WARNING}\n${flagsOf(process.argv.slice(2)).join('\n')}`);
}

/** `--a b --c=d e` as `a=b`, `c=d`. */
function flagsOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    if (!word.startsWith('--')) return [];
    const next = words[at + 1];
    if (word.includes('=')) return [word.slice(2)];
    return [`${word.slice(2)}=${next === undefined || next.startsWith('--') ? 'true' : next}`];
  });
}

/** `/statusz`: since when the server runs, what it is, and where it tells more of itself. */
export function statusPage(paths: readonly string[]): TextAnswer {
  const up = Math.floor(process.uptime());
  const started = new Date(Date.now() - up * 1000).toUTCString().replace('GMT', 'UTC');
  const lines = [
    `Started= ${started}`,
    `Up= ${Math.floor(up / 3600)} hr ${Math.floor(up / 60) % 60} min ${up % 60} sec`,
    `Node version= ${process.version}`,
    `Binary version= ${SERVER_VERSION.replace(/^v|\+.*$/g, '')}`,
    'Emulation version= 1.36',
    `Paths= ${paths.join(' ')}`,
  ];
  return page(`\napiserver statusz\n${WARNING}\n\n${lines.join('\n')}\n`);
}

function page(body: string): TextAnswer {
  return { kind: 'text', status: 200, contentType: 'text/plain; charset=utf-8', body };
}
