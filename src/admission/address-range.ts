import type { RandomBelow } from '../machinery/generate-name.ts';
import { formatIp, type IpFamily, type IpRange, isInRange, parseCidr, parseIp } from '../machinery/ip.ts';
import { createNumberPool, isInPool, type NumberPool, pickFree } from './number-pool.ts';

/** A range of addresses that are given out, with those that have a fixed owner. Places count from the range's begin. */
export interface AddressRange {
  readonly family: IpFamily;
  readonly cidr: string;
  readonly range: IpRange;
  readonly places: NumberPool;
  /** Owner (`namespace/name`) by place. */
  readonly reserved: ReadonlyMap<number, string>;
}

/** Most places that are used of a range; one of IPv6 may have any number. */
const MOST_PLACES = 2 ** 20;

/** The range of a CIDR: neither the network's own address nor IPv4's broadcast. Throws when it isn't a CIDR. */
export function createAddressRange(cidr: string, reserved: { readonly [place: number]: string }): AddressRange {
  const range = parseCidr(cidr);
  if (range === undefined) throw new Error(`the range of Services, ${cidr}, is not a CIDR`);
  const size = Number(range.last - range.first);
  const last = Math.min(range.family === 'IPv4' ? size - 1 : size, range.family === 'IPv4' ? size : MOST_PLACES);
  return {
    family: range.family,
    cidr,
    range,
    places: createNumberPool({ first: 1, last }, { share: 16, most: 256 }),
    reserved: new Map(Object.entries(reserved).map(([place, owner]) => [Number(place), owner])),
  };
}

/** The address's place; undefined when it isn't one that is given out. */
function placeOf({ range, places }: AddressRange, text: string): number | undefined {
  const ip = parseIp(text);
  if (ip === undefined || !isInRange(range, ip)) return undefined;
  const place = Number(ip.value - range.first);
  return isInPool(places, place) ? place : undefined;
}

/** Why somebody (`namespace/name`) can't have an address; undefined when he can. */
export function whyNotFree(
  range: AddressRange,
  text: string,
  { name, taken }: { readonly name: string; readonly taken: ReadonlySet<string> },
): string | undefined {
  const place = placeOf(range, text);
  const ip = parseIp(text);
  if (place === undefined || ip === undefined) {
    return `provided IP is not in the valid range. The range of valid IPs is ${range.cidr}`;
  }
  const owner = range.reserved.get(place) ?? name;
  return owner !== name || taken.has(formatIp(ip)) ? 'provided IP is already allocated' : undefined;
}

/** A free address; undefined when all are taken. */
export function drawAddress(range: AddressRange, taken: ReadonlySet<string>, random: RandomBelow): string | undefined {
  const used = new Set(range.reserved.keys());
  for (const text of taken) used.add(placeOf(range, text) ?? 0);
  const place = pickFree(range.places, used, random);
  return place === undefined ? undefined : formatIp({ family: range.family, value: range.range.first + BigInt(place) });
}
