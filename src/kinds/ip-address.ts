const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const count = groups.length + (IPV4.test(last) ? 1 : 0);
  const plain = IPV4.test(last) ? groups.slice(0, -1) : groups;
  return plain.every((group) => GROUP.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** `IsValidIP`: sentences about what is wrong. */
export function isIpAddress(text: string): readonly string[] {
  if (IPV4.test(text) || (text.includes(':') && isIpv6(text))) return [];
  return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
}

/** `IsValidCIDR`. */
export function isCidr(text: string): readonly string[] {
  const [address = '', bits = '', ...rest] = text.split('/');
  const limit = address.includes(':') ? 128 : 32;
  const sound =
    rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= limit && isIpAddress(address).length === 0;
  return sound ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}
