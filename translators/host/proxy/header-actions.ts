import type { RouteHeader, RouteSpec } from '../../../src/kinds/openshift/route-types.ts';
import { type HaproxyLine, withoutControls } from '../../formats/haproxy.ts';

const NAME = /^[A-Za-z0-9!#$&'*+.^_`|~-]+$/;
/** What a value may ask HAProxy for: a header, or something of the client's certificate. */
const REQUEST = /^(req\.hdr\([A-Za-z0-9-]+\)|ssl_c_der)(,(lower|base64))*$/;
const RESPONSE = /^(res\.hdr\([A-Za-z0-9-]+\)|ssl_c_der)(,(lower|base64))*$/;

/** Lines for `spec.httpHeaders.actions`, or why one of them can't be done. */
export function headerLines({ httpHeaders }: RouteSpec): readonly HaproxyLine[] | string {
  const { request = [], response = [] } = httpHeaders?.actions ?? {};
  const all = [
    ...request.map((header) => lineOf('http-request', header, REQUEST)),
    ...response.map((header) => lineOf('http-response', header, RESPONSE)),
  ];
  const refusal = all.find((line) => typeof line === 'string');
  return refusal ?? all.filter((line) => typeof line !== 'string');
}

function lineOf(layer: string, { name = '', action = {} }: RouteHeader, allowed: RegExp): HaproxyLine | string {
  if (!NAME.test(name)) return `header ${JSON.stringify(name)} is no name of a header`;
  if (action.type === 'Delete') return [layer, 'del-header', name];
  const value = action.set?.value ?? '';
  const isSound = isFormat(value, allowed);
  return isSound ? [layer, 'set-header', name, value] : `value of header ${name} is not allowed`;
}

/** Not empty, without control characters; `%%` is a percent sign, `%[…]` asks for something allowed, there is no other. */
function isFormat(value: string, allowed: RegExp): boolean {
  if (value === '' || withoutControls(value) !== value) return false;
  const signs = value.matchAll(/%%|%\[([^\]]*)\]|%/g);
  return [...signs].every(([sign, inner]) => sign === '%%' || (inner !== undefined && allowed.test(inner)));
}
