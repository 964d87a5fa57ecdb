import { type HaproxyLine, type HaproxySection, serializeHaproxy } from '../../formats/haproxy.ts';

/** A server of a backend as the configuration has it. */
export interface ListedServer {
  readonly backend: string;
  readonly name: string;
  readonly weight: number;
  /** Address and options, without the weight. */
  readonly words: HaproxyLine;
}

/** What a running router has to be told so that it has other servers. */
export type ServerChange =
  | ({ readonly type: 'add' } & ListedServer)
  | { readonly type: 'weigh'; readonly backend: string; readonly name: string; readonly weight: number }
  | { readonly type: 'remove'; readonly backend: string; readonly name: string };

/** What the router's command line takes without quotes. */
const PLAIN = /^[\w.:,/[\]-]+$/;

/** The servers of the sections, by `<backend>/<name>`. */
function serversOf(sections: readonly HaproxySection[]): ReadonlyMap<string, ListedServer> {
  const servers = new Map<string, ListedServer>();
  for (const { head, lines } of sections) {
    const [kind, backend = ''] = head;
    if (kind !== 'backend') continue;
    for (const line of lines.filter(isServer)) {
      const { name, weight, words } = parts(line);
      servers.set(`${backend}/${name}`, { backend, name, weight, words });
    }
  }
  return servers;
}

/** Text of the sections without their servers. */
function frameOf(sections: readonly HaproxySection[]): string {
  return serializeHaproxy(
    sections.map(({ head, lines }) => ({ head, lines: lines.filter((line) => !isServer(line)) })),
  );
}

function isServer([keyword]: HaproxyLine): boolean {
  return keyword === 'server';
}

function parts([, name = '', ...rest]: HaproxyLine): Pick<ListedServer, 'name' | 'weight' | 'words'> {
  const at = rest.indexOf('weight');
  if (at === -1) return { name, weight: 1, words: rest };
  return { name, weight: Number(rest[at + 1]), words: rest.toSpliced(at, 2) };
}

/**
 * The steps from one configuration to another, new servers first, so that there is never a gap; undefined when more
 * than servers differ and the router has to read its files again. Pure.
 */
export function planServerChanges(
  from: readonly HaproxySection[],
  to: readonly HaproxySection[],
): readonly ServerChange[] | undefined {
  if (frameOf(from) !== frameOf(to)) return undefined;
  const [before, wanted] = [serversOf(from), serversOf(to)];
  const added = [...wanted].filter(([key]) => !before.has(key)).map(([, server]) => server);
  const kept = [...wanted].flatMap(([key, now]) => {
    const old = before.get(key);
    return old ? [{ old, now }] : [];
  });
  const gone = [...before].filter(([key]) => !wanted.has(key)).map(([, server]) => server);
  if (kept.some(({ old, now }) => old.words.join(' ') !== now.words.join(' '))) return undefined;
  if (!added.every(({ backend, name, words }) => [backend, name, ...words].every((word) => PLAIN.test(word)))) {
    return undefined;
  }
  return [
    ...added.map((server): ServerChange => ({ type: 'add', ...server })),
    ...kept
      .filter(({ old, now }) => old.weight !== now.weight)
      .map(({ now: { backend, name, weight } }): ServerChange => ({ type: 'weigh', backend, name, weight })),
    ...gone.map(({ backend, name }): ServerChange => ({ type: 'remove', backend, name })),
  ];
}
