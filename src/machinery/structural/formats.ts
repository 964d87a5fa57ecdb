import { parseTime } from '../time.ts';

const HEX = '[0-9a-f]';
const uuid = (third: string, fourth: string): RegExp =>
  new RegExp(`^${HEX}{8}-?${HEX}{4}-?${third}-?${fourth}-?${HEX}{12}$`, 'i');
const ANY = `${HEX}{4}`;
const VARIANT = `[89ab]${HEX}{3}`;

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** An IPv6 address; one with an IPv4 tail, too. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  const last = all.at(-1) ?? '';
  const tail = last.includes('.');
  if (tail && !isIpv4(last)) return false;
  const plain = tail ? all.slice(0, -1) : all;
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = plain.length + (tail ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

function isCidr(text: string): boolean {
  const match = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return false;
  const [address = '', bits] = match.slice(1);
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

function isUri(text: string): boolean {
  if (/\s/.test(text)) return false;
  return text.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:(\/\/[^/?#]*)?\S*$/.test(text);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && parseTime(`${text}T00:00:00Z`) !== undefined;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isHostname(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
}

const DURATION =
  /^\s*[-+]?(\d+(\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w|[a-z]+)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*\s*$/;
const UNITS =
  /(nano|micro|milli)(second)?s?|(ns|us|µs|μs|ms|sec|second|min|minute|hr|hour|day|week|wk|[smhdw])s?(?![a-z])/;

function isDuration(text: string): boolean {
  return text === '0' || (DURATION.test(text) && UNITS.test(text));
}

const name = (max: number, pattern: RegExp) => (text: string) => text.length <= max && pattern.test(text);
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const matching = (pattern: RegExp) => (text: string) => pattern.test(text);

const CHECKS: { readonly [format: string]: (text: string) => boolean } = {
  bsonobjectid: matching(/^[0-9a-f]{24}$/i),
  uri: isUri,
  email: matching(/^[^\s@<>]+@[^\s@<>]+$/),
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  cidr: isCidr,
  mac: matching(/^([0-9a-f]{2}([:-][0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2})$/i),
  uuid: matching(uuid(ANY, ANY)),
  uuid3: matching(uuid(`3${HEX}{3}`, ANY)),
  uuid4: matching(uuid(`4${HEX}{3}`, VARIANT)),
  uuid5: matching(uuid(`5${HEX}{3}`, VARIANT)),
  isbn: matching(/^(97[89][- ]?)?[\d -]{9,16}[\dX]$/),
  isbn10: matching(/^[\d -]{9,12}[\dX]$/),
  isbn13: matching(/^97[89][- ]?[\d -]{10,13}$/),
  creditcard: matching(/^[\d -]{13,19}$/),
  ssn: matching(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: matching(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: matching(/^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/),
  byte: isBase64,
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: (text) => parseTime(text) !== undefined,
  k8sshortname: name(63, new RegExp(`^${LABEL}$`)),
  k8slongname: name(253, new RegExp(`^${LABEL}(\\.${LABEL})*$`)),
};

function normalized(format: string): string {
  return format.replaceAll('-', '');
}

/** Number formats are about sizes; everything else that isn't listed is passed over. */
const NUMBERS: ReadonlySet<string> = new Set(['int32', 'int64', 'float', 'double']);

/** Whether the format is one that is looked at. */
export function isKnownFormat(format: string): boolean {
  return Object.hasOwn(CHECKS, normalized(format)) || NUMBERS.has(format);
}

/** Whether a text has the format; any text has a format that isn't known. */
export function hasFormat(text: string, format: string): boolean {
  const check = Object.hasOwn(CHECKS, normalized(format)) ? CHECKS[normalized(format)] : undefined;
  return check === undefined || check(text);
}
