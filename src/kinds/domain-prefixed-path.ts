import { invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain } from '../machinery/names.ts';
import { type Findings, validateName } from './validation.ts';

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** `IsDomainPrefixedPath`: `example.com/path`. */
export function validateDomainPrefixedPath(text: string, path: string): Findings {
  if (text === '') return [required(path)];
  const slash = text.indexOf('/');
  const [domain, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 0 || domain === '' || rest === '') {
    return [invalidValue(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const detail = `Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`;
  return [
    ...validateName(isDns1123Subdomain, domain, path),
    ...(PATH.test(rest) ? [] : [invalidValue(path, rest, detail)]),
  ];
}
