import type { FieldError } from './field-error.ts';
import { invalidValue } from './field-path.ts';

/** The check of a name: sentences about what is wrong, empty when it is fine. */
export type NameCheck = (value: string) => readonly string[];

/** Rules for `metadata.name`; each kind picks one. */
export type NameRule = 'dns-subdomain' | 'dns-label' | 'dns-1035-label' | 'path-segment';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const HEADER_NAME = '[-A-Za-z0-9]+';
const PERCENT = '[0-9]+%';

const labelPattern = whole(LABEL);
const subdomainPattern = whole(SUBDOMAIN);
const label1035Pattern = whole(LABEL_1035);
const qualifiedPattern = whole(QUALIFIED);
const labelValuePattern = whole(LABEL_VALUE);
const configKeyPattern = whole(CONFIG_KEY);
const headerNamePattern = whole(HEADER_NAME);
const percentPattern = whole(PERCENT);
const wildcardPattern = whole(`\\*\\.${SUBDOMAIN}`);

const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** `validation.RegexError`. */
export function regexError(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

function maxCharacters(length: number): string {
  return `must be no more than ${length} characters`;
}

function maxBytes(length: number): string {
  return `must be no more than ${length} bytes`;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** `IsDNS1123Label`. */
export const isDns1123Label: NameCheck = (value) => {
  const found = byteLength(value) > 63 ? [maxCharacters(63)] : [];
  if (labelPattern.test(value)) return found;
  if (subdomainPattern.test(value)) return [...found, 'must not contain dots'];
  const text =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...found, regexError(text, LABEL, 'my-name', '123-abc')];
};

/** `IsDNS1123Subdomain`. */
export const isDns1123Subdomain: NameCheck = (value) => {
  const found = byteLength(value) > 253 ? [maxCharacters(253)] : [];
  if (subdomainPattern.test(value)) return found;
  return [...found, regexError(SUBDOMAIN_TEXT, SUBDOMAIN, 'example.com')];
};

/** `IsDNS1035Label`. */
export const isDns1035Label: NameCheck = (value) => {
  const found = byteLength(value) > 63 ? [maxCharacters(63)] : [];
  if (label1035Pattern.test(value)) return found;
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...found, regexError(text, LABEL_1035, 'my-name', 'abc-123')];
};

/** `IsWildcardDNS1123Subdomain`. */
export const isWildcardDns1123Subdomain: NameCheck = (value) => {
  const found = byteLength(value) > 253 ? [maxCharacters(253)] : [];
  if (wildcardPattern.test(value)) return found;
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...found, regexError(text, `\\*\\.${SUBDOMAIN}`, '*.example.com')];
};

/** `IsPathSegmentName`. */
export const isPathSegment: NameCheck = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
};

function checkKeyPrefix(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const found = byteLength(prefix) > 253 ? [`prefix part ${maxBytes(253)}`] : [];
  if (subdomainPattern.test(prefix)) return found;
  return [...found, `prefix part ${regexError(SUBDOMAIN_TEXT, SUBDOMAIN, 'example.com')}`];
}

function checkKeyName(name: string): readonly string[] {
  const found: string[] = [];
  if (name === '') found.push('name part must be non-empty');
  else if (byteLength(name) > 63) found.push(`name part ${maxBytes(63)}`);
  if (!qualifiedPattern.test(name)) {
    found.push(`name part ${regexError(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc')}`);
  }
  return found;
}

/** `IsQualifiedName`: label keys, annotation keys (lower-cased first), finalizers, condition types. */
export const isQualifiedName: NameCheck = (value) => {
  const [first = '', second, ...rest] = value.split('/');
  if (rest.length > 0) {
    const rule = regexError(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  return second === undefined ? checkKeyName(first) : [...checkKeyPrefix(first), ...checkKeyName(second)];
};

/** `IsValidLabelValue`. */
export const isLabelValue: NameCheck = (value) => {
  const found = byteLength(value) > 63 ? [maxBytes(63)] : [];
  if (labelValuePattern.test(value)) return found;
  const text = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`;
  return [...found, regexError(text, LABEL_VALUE, 'MyValue', 'my_value', '12345')];
};

function checkDotDot(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** `IsConfigMapKey`: keys of ConfigMaps and Secrets. */
export const isConfigMapKey: NameCheck = (value) => {
  const found = byteLength(value) > 253 ? [maxCharacters(253)] : [];
  const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  const rule = configKeyPattern.test(value) ? [] : [regexError(text, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name')];
  return [...found, ...rule, ...checkDotDot(value)];
};

/** `IsRelaxedEnvVarName`: what pods accept since RelaxedEnvironmentVariableValidation. */
export const isRelaxedEnvVarName: NameCheck = (value) => {
  const found = value === '' ? ['environment variable name must be non-empty'] : [];
  if (/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) return found;
  return [...found, "a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

/** `IsHTTPHeaderName`. */
export const isHttpHeaderName: NameCheck = (value) => {
  if (headerNamePattern.test(value)) return [];
  const text = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(text, HEADER_NAME, 'X-Header-Name')];
};

/** `IsValidPercent`. */
export const isPercent: NameCheck = (value) => {
  if (percentPattern.test(value)) return [];
  const text = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(text, PERCENT, '1%', '93%')];
};

/** `IsValidPortName`: IANA service names, at most 15 characters. */
export const isPortName: NameCheck = (value) => {
  const found: string[] = [];
  if (byteLength(value) > 15) found.push(maxCharacters(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)');
  if (value.includes('--')) found.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) found.push('must not begin or end with a hyphen');
  return found;
};

/** `IsInRange`; both ends included. */
export function isInRange(value: number, low: number, high: number): readonly string[] {
  return value >= low && value <= high ? [] : [`must be between ${low} and ${high}, inclusive`];
}

/** `IsValidPortNum`. */
export function isPortNumber(port: number): readonly string[] {
  return isInRange(port, 1, 65535);
}

const CHECKS: { readonly [rule in NameRule]: NameCheck } = {
  'dns-subdomain': isDns1123Subdomain,
  'dns-label': isDns1123Label,
  'dns-1035-label': isDns1035Label,
  'path-segment': isPathSegment,
};

/** Upstream's ValidateNameFunc: `prefix` says that `name` is a generateName, where a trailing dash is fine. */
export function checkName(rule: NameRule, name: string, prefix = false): readonly string[] {
  if (!prefix) return CHECKS[rule](name);
  if (rule === 'path-segment') return isPathSegment(`${name}x`);
  // The character before the dash goes too: upstream's maskTrailingDash does that.
  return CHECKS[rule](name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name);
}

/** `ValidateLabelName`: a label key at a path. */
export function validateLabelKey(labelKey: string, field: string): readonly FieldError[] {
  return isQualifiedName(labelKey).map((message) => invalidValue(field, labelKey, message));
}

/** `ValidateLabels`. */
export function validateLabels(
  labels: { readonly [key: string]: string } | undefined,
  field: string,
): readonly FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([name, value]) => [
    ...validateLabelKey(name, field),
    ...isLabelValue(value).map((message) => invalidValue(field, value, message)),
  ]);
}
