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

/** The address's bits, high first; undefined when it isn't one. */
function bitsOf(text: string): { readonly value: bigint; readonly width: 32 | 128 } | undefined {
  if (isIpAddress(text).length > 0) return undefined;
  if (IPV4.test(text))
    return { value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n), width: 32 };
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = tail?.[2] === undefined ? undefined : (bitsOf(tail[2])?.value ?? 0n);
  const plain = low === undefined ? text : `${tail?.[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [head = '', rest] = plain.split('::');
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const [front, back] = [groups(head), groups(rest ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const all = rest === undefined ? front : [...front, ...zeros, ...back];
  return { value: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), width: 128 };
}

/** Whether a range lies in another one and is smaller. Both are sound CIDRs. */
export function isStrictlyInside(inner: string, outer: string): boolean {
  const [innerAddress = '', innerBits = ''] = inner.split('/');
  const [outerAddress = '', outerBits = ''] = outer.split('/');
  const [a, b] = [bitsOf(innerAddress), bitsOf(outerAddress)];
  if (a === undefined || b === undefined || a.width !== b.width) return false;
  const shift = BigInt(b.width - Number(outerBits));
  return Number(innerBits) > Number(outerBits) && a.value >> shift === b.value >> shift;
}

/** Whether an address is one that only its own machine knows: loopback, link-local, multicast or none at all. */
export function isSpecialIp(text: string): readonly string[] {
  const bits = bitsOf(text);
  if (bits === undefined) return [];
  const { value, width } = bits;
  const top = (count: number): bigint => value >> BigInt(width - count);
  const four = width === 32;
  const rules = [
    [value === 0n, `may not be unspecified (${text})`],
    [four ? top(8) === 127n : value === 1n, `may not be in the loopback range (127.0.0.0/8, ::1/128)`],
    [four ? top(16) === 0xa9fen : top(10) === 0x3fan, `may not be in the link-local range (169.254.0.0/16, fe80::/10)`],
    [
      four ? top(24) === 0xe00000n : top(16) === 0xff02n,
      `may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)`,
    ],
  ] as const;
  return rules.filter(([isSpecial]) => isSpecial).map(([, message]) => message);
}
