import type { EndpointSlice, Pod, Service } from '../../src/kinds/types.ts';
import { type DnsRecord, serializeZone, zoneLine } from '../formats/zone.ts';
import { type NamesOptions, ownRecords, recordsOfPod, recordsOfService, zonesOf } from './names.ts';

/**
 * The names of Services and pods as zones, planned as objects change: each object has its lines, and only those of what
 * changed are made again. Pure but for what it remembers of the objects; their order doesn't matter.
 */
export interface NamesBook {
  /** Keys are `namespace/name`. */
  readonly putService: (key: string, service: Service | undefined) => void;
  readonly putSlice: (key: string, slice: EndpointSlice | undefined) => void;
  readonly putPod: (key: string, pod: Pod | undefined) => void;
  /** The files of all zones. */
  readonly texts: () => ReadonlyMap<string, string>;
  /** Whether a zone has changed since `texts` was last asked: most changes of a pod are none of its names. */
  readonly hasChanged: () => boolean;
}

/** A zone's lines, sorted, each with how many objects say it. */
interface Page {
  readonly origin: string;
  readonly lines: string[];
  readonly count: Map<string, number>;
  text: string | undefined;
}

interface Line {
  readonly page: Page;
  readonly line: string;
}

/** Where the line is, or would be. */
function placeOf(lines: readonly string[], line: string): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle] ?? '') < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

function change({ page, line }: Line, by: 1 | -1): void {
  const before = page.count.get(line) ?? 0;
  const now = before + by;
  if (now > 0) page.count.set(line, now);
  else page.count.delete(line);
  if (before > 0 && now > 0) return;
  page.lines.splice(placeOf(page.lines, line), before, ...(now > 0 ? [line] : []));
  page.text = undefined;
}

/** The lines that a record is: pointers in the reverse zones, all others in the cluster's. */
function linesOf(record: DnsRecord, pages: readonly Page[]): readonly Line[] {
  const fitting = record.type === 'PTR' ? pages.slice(1) : pages.slice(0, 1);
  return fitting.flatMap((page) => {
    const line = zoneLine(record, page.origin);
    return line === undefined ? [] : [{ page, line }];
  });
}

const serviceKey = ({ metadata }: EndpointSlice): string =>
  `${metadata?.namespace}/${metadata?.labels?.['kubernetes.io/service-name'] ?? ''}`;

/** Slices by their Service. */
function createSliceShelf() {
  const byService = new Map<string, Map<string, EndpointSlice>>();
  const serviceOf = new Map<string, string>();
  return {
    of: (service: string): Iterable<EndpointSlice> => byService.get(service)?.values() ?? [],
    /** The Services that the change concerns. */
    put(key: string, slice: EndpointSlice | undefined): readonly string[] {
      const before = serviceOf.get(key);
      const now = slice && serviceKey(slice);
      if (before !== undefined) byService.get(before)?.delete(key);
      if (byService.get(before ?? '')?.size === 0) byService.delete(before ?? '');
      if (slice === undefined || now === undefined) serviceOf.delete(key);
      else {
        serviceOf.set(key, now);
        byService.set(now, (byService.get(now) ?? new Map<string, EndpointSlice>()).set(key, slice));
      }
      return [before, now].filter((service) => service !== undefined);
    },
  };
}

/** A book without objects. */
export function createNamesBook(options: NamesOptions): NamesBook {
  const pages: readonly Page[] = zonesOf(options).map((origin) => ({
    origin,
    lines: [],
    count: new Map(),
    text: undefined,
  }));
  const said = new Map<string, readonly Line[]>();
  const services = new Map<string, Service>();
  const slices = createSliceShelf();
  const say = (who: string, records: readonly DnsRecord[]): void => {
    const lines = records.flatMap((record) => linesOf(record, pages));
    for (const line of lines) change(line, 1);
    for (const line of said.get(who) ?? []) change(line, -1);
    if (lines.length > 0) said.set(who, lines);
    else said.delete(who);
  };
  const sayService = (key: string): void => {
    const service = services.get(key);
    say(`service ${key}`, service === undefined ? [] : recordsOfService(service, slices.of(key), options));
  };
  say('', ownRecords(options));
  return {
    putService(key, service) {
      if (service === undefined) services.delete(key);
      else services.set(key, service);
      sayService(key);
    },
    putSlice: (key, slice) => slices.put(key, slice).forEach(sayService),
    putPod: (key, pod) => say(`pod ${key}`, pod === undefined ? [] : recordsOfPod(pod, options)),
    texts: () =>
      new Map(
        pages.map((page) => {
          page.text ??= serializeZone(page);
          return [page.origin, page.text];
        }),
      ),
    hasChanged: () => pages.some(({ text }) => text === undefined),
  };
}
