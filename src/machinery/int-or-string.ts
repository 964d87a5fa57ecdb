import { goQuote } from './go-format.ts';
import { type Parsed, parsed, unparsable } from './parsed.ts';

/** `intstr.IntOrString` on the wire. */
export type IntOrString = number | string;

/** `GetScaledValueFromIntOrPercent`: a number as it is, a percentage of `total` rounded up or down. */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): Parsed<number> {
  if (typeof value === 'number') return parsed(value);
  const prefix = 'invalid value for IntOrString: ';
  if (!value.endsWith('%')) return unparsable(`${prefix}invalid type: string is not a percentage`);
  const digits = value.slice(0, -1);
  if (!/^[-+]?\d+$/.test(digits)) {
    const reason = `strconv.Atoi: parsing ${goQuote(digits)}: invalid syntax`;
    return unparsable(`${prefix}invalid value ${goQuote(value)}: ${reason}`);
  }
  const share = (Number(digits) * total) / 100;
  return parsed(rounding === 'up' ? Math.ceil(share) : Math.floor(share));
}
