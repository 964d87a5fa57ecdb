import {
  checkName,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  type NameCheck,
} from '../../names.ts';
import { hasFormat } from '../../structural/formats.ts';
import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, NONE, Optional } from '../values.ts';

const TYPE: CelType = { kind: 'abstract', name: 'kubernetes.NamedFormat' };

/** A format that texts can be checked by. */
interface FormatValue extends AbstractValue {
  readonly check: NameCheck;
}

const prefixed = (rule: Parameters<typeof checkName>[0]) => (text: string) => checkName(rule, text, true);
const formatted = (format: string, detail: string) => (text: string) => (hasFormat(text, format) ? [] : [detail]);

const CHECKS: { readonly [name: string]: NameCheck } = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: prefixed('dns-label'),
  dns1123SubdomainPrefix: prefixed('dns-subdomain'),
  dns1035LabelPrefix: prefixed('dns-1035-label'),
  labelValue: isLabelValue,
  uri: formatted('uri', 'invalid URI'),
  uuid: formatted('uuid', 'does not match the UUID format'),
  byte: formatted('byte', 'invalid base64'),
  date: formatted('date', 'invalid date'),
  datetime: formatted('datetime', 'invalid datetime'),
};

function formatOf(name: string): FormatValue | undefined {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  return check && { celType: TYPE, identity: name, check };
}

function named(name: string): Optional {
  const format = formatOf(name);
  return format === undefined ? NONE : new Optional(true, format);
}

function validate({ check }: FormatValue, text: string): Optional {
  const wrong = check(text);
  return wrong.length === 0 ? NONE : new Optional(true, wrong);
}

/** Kubernetes' named formats. */
export const formats: readonly Overload[] = [
  overload('format::named(string): optional<kubernetes.NamedFormat>', named),
  overload('kubernetes.NamedFormat.validate(string): optional<list<string>>', validate, (_, text) => text.length / 10),
  ...Object.keys(CHECKS).map((name) => overload(`format::${name}(): kubernetes.NamedFormat`, () => formatOf(name))),
];
