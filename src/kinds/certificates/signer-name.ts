import { invalidValue, required, tooLong } from '../../machinery/field-path.ts';
import { isDns1123Subdomain, isQualifiedName } from '../../machinery/names.ts';
import { type Findings, validateName } from '../validation.ts';

const MAX_SIGNER_NAME = 571;

/** `ValidateSignerName`: a domain and a path, `example.com/signer-name`. */
export function validateSignerName(name: string, path: string): Findings {
  if (name === '') return [required(path)];
  const [domain = '', rest = '', ...more] = name.split('/');
  if (more.length > 0 || rest === '') {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalidValue(path, name, detail)];
  }
  const qualified = domain.includes('.')
    ? []
    : [invalidValue(path, domain, 'should be a domain with at least two segments separated by dots')];
  return [
    ...validateName(isDns1123Subdomain, domain, path),
    ...qualified,
    ...rest.split('.').flatMap((segment) => validateName(isQualifiedName, segment, path)),
    ...(name.length > MAX_SIGNER_NAME ? [tooLong(path, MAX_SIGNER_NAME)] : []),
  ];
}
