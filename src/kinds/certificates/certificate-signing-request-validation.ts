import { semanticEqual } from '../../machinery/deep.ts';
import { child, forbiddenField, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { decodeBase64Text } from '../base64.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { CertificateSigningRequest, Draft } from '../types.ts';
import type { Findings } from '../validation.ts';
import { validateSignerName } from './signer-name.ts';

type Object = Draft<CertificateSigningRequest>;
type Spec = NonNullable<Object['spec']>;
type Condition = NonNullable<NonNullable<Object['status']>['conditions']>[number];

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const SHORTEST_SECONDS = 600;
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
/** Once there, they stay, and are never anything but true. */
const FINAL = ['Approved', 'Denied', 'Failed'];

function validateRequest(spec: Spec): Findings {
  const { request = '' } = spec;
  const text = decodeBase64Text(request) ?? '';
  if (text.includes('-----BEGIN CERTIFICATE REQUEST-----')) return [];
  return [invalidValue('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')];
}

function validateUsages(spec: Spec): Findings {
  const { usages = [] } = spec;
  const path = 'spec.usages';
  if (usages.length === 0) return [required(path)];
  return [
    ...validateEach(usages, path, (usage, at) => (USAGES.includes(usage) ? [] : [notSupported(at, usage, USAGES)])),
    ...validateUnique(usages, path, (usage) => usage),
  ];
}

function validateSigner(spec: Spec): Findings {
  const { signerName = '' } = spec;
  const path = 'spec.signerName';
  const detail = 'the legacy signerName is not allowed via this API version';
  return signerName === LEGACY_SIGNER ? [invalidValue(path, signerName, detail)] : validateSignerName(signerName, path);
}

function validateDuration(spec: Spec): Findings {
  const { expirationSeconds: seconds } = spec;
  if (seconds === undefined || seconds >= SHORTEST_SECONDS) return [];
  const detail = 'may not specify a duration less than 600 seconds (10 minutes)';
  return [invalidValue('spec.expirationSeconds', seconds, detail)];
}

function validateCondition({ type = '', status = '' }: Condition, path: string): Findings {
  const field = child(path, 'status');
  const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
  return [
    ...(type === '' ? [required(child(path, 'type'))] : []),
    ...(status === '' ? [required(field)] : allowed.includes(status) ? [] : [notSupported(field, status, allowed)]),
  ];
}

function validateConditions(request: Object): Findings {
  const path = 'status.conditions';
  const { conditions = [] } = request.status ?? {};
  const types = conditions.map((condition) => condition.type);
  const second = Math.max(types.indexOf('Approved'), types.indexOf('Denied'));
  const both = types.includes('Approved') && types.includes('Denied');
  const detail = 'Approved and Denied conditions are mutually exclusive';
  return [
    ...validateEach(conditions, path, validateCondition),
    ...validateUnique(conditions, path, (condition) => condition.type ?? '', 'type'),
    ...(both ? [invalidValue(child(index(path, second), 'type'), types[second], detail)] : []),
  ];
}

/** `ValidateCertificateSigningRequestCreate`. */
export function validateSigningRequest(request: Object): Findings {
  const spec = request.spec ?? {};
  return [
    ...validateRequest(spec),
    ...validateUsages(spec),
    ...validateSigner(spec),
    ...validateDuration(spec),
    ...validateConditions(request),
  ];
}

/** `ValidateCertificateSigningRequestUpdate`: decisions and certificates stay. */
export function validateSigningRequestUpdate(request: Object, old: Object): Findings {
  const has = (object: Object, type: string) => (object.status?.conditions ?? []).some((each) => each.type === type);
  const lost = FINAL.filter((type) => has(old, type) && !has(request, type));
  const [certificate, before] = [request.status?.certificate, old.status?.certificate];
  const replaced = Boolean(before) && certificate !== before;
  return [
    ...(semanticEqual(request.spec, old.spec) ? [] : [forbiddenField('spec', 'field is immutable')]),
    ...lost.map((type) => forbiddenField('status.conditions', `updates may not remove a condition of type "${type}"`)),
    ...(replaced
      ? [forbiddenField('status.certificate', 'updates may not set or modify existing certificate content')]
      : []),
  ];
}

/** Decisions are made through `approval` alone: whoever may only sign doesn't decide. */
export function validateSigningRequestStatus(request: Object, old: Object): Findings {
  const has = (object: Object, type: string) => (object.status?.conditions ?? []).some((each) => each.type === type);
  const decided = ['Approved', 'Denied'].filter((type) => has(request, type) && !has(old, type));
  return decided.map((type) =>
    forbiddenField('status.conditions', `updates may not add a condition of type "${type}"`),
  );
}
