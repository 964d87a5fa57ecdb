import { decodeBase64, decodeBase64Text } from '../base64.ts';

/** One element of DER: its tag, where its content begins and where it ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const SEQUENCE = 0x30;
const BMP_STRING = 0x1e;
/** 2.5.4.10, organizationName, as DER writes it. */
const ORGANIZATION = '85,4,10';

/**
 * Organizations in the subject of a PKCS #10 request (PEM, in base64 once more, as a CertificateSigningRequest has it);
 * undefined where it can't be read.
 */
export function organizationsOf(request: string): readonly string[] | undefined {
  const pem = decodeBase64Text(request) ?? '';
  const body = /-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END/.exec(pem)?.[1]?.replace(/\s/g, '');
  const der = body === undefined ? undefined : decodeBase64(body);
  if (der === undefined) return undefined;
  // CertificationRequest { CertificationRequestInfo { version, subject Name, … }, … }
  const [whole] = elementsIn(der, { tag: SEQUENCE, start: 0, end: der.length });
  const [info] = whole ? elementsIn(der, whole) : [];
  const [, subject] = info ? elementsIn(der, info) : [];
  if (subject?.tag !== SEQUENCE) return undefined;
  const attributes = elementsIn(der, subject).flatMap((set) => elementsIn(der, set));
  return attributes.flatMap((attribute) => {
    const [type, value] = elementsIn(der, attribute);
    const isOrganization = type !== undefined && der.subarray(type.start, type.end).join() === ORGANIZATION;
    return isOrganization && value !== undefined ? [textOf(der, value)] : [];
  });
}

/** What an element is made of; stops where the bytes make no sense. */
function elementsIn(der: Uint8Array, { start, end }: Element): readonly Element[] {
  const found: Element[] = [];
  for (let at = start; at < end; ) {
    const element = elementAt(der, at);
    if (element === undefined || element.end > end) return found;
    found.push(element);
    at = element.end;
  }
  return found;
}

function elementAt(der: Uint8Array, at: number): Element | undefined {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) return undefined;
  const start = at + 2 + count;
  const length = der.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  return { tag, start, end: start + length };
}

/** Texts of names are ASCII where it matters; what is beyond stays as its bytes. */
function textOf(der: Uint8Array, { tag, start, end }: Element): string {
  const bytes = der.subarray(start, end);
  return String.fromCharCode(...(tag === BMP_STRING ? bytes.filter((_, at) => at % 2 === 1) : bytes));
}
