import { forbiddenField, required, tooLong } from '../../machinery/field-path.ts';
import { isDns1123Subdomain } from '../../machinery/names.ts';
import { utf8Length } from '../base64.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Draft, VolumeAttachment } from '../types.ts';
import {
  type Findings,
  validateImmutable,
  validateName,
  validateNonNegative,
  validateRequiredName,
} from '../validation.ts';

type Attachment = Draft<VolumeAttachment>;
type Source = NonNullable<NonNullable<Attachment['spec']>['source']>;
type Problem = NonNullable<Attachment['status']>['attachError'];

const MAX_METADATA = 256 * 1024;
const MAX_MESSAGE = 1024;

function validateSource(source: Source, path: string): Findings {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (!inline && name === undefined) return [required(path, one)];
  if (inline && name !== undefined) return [forbiddenField(path, one)];
  if (inline) return [];
  const field = `${path}.persistentVolumeName`;
  return name
    ? validateName(isDns1123Subdomain, name, field)
    : [required(field, 'must specify non empty persistentVolumeName')];
}

function validateProblem(problem: Problem, path: string): Findings {
  const long = utf8Length(problem?.message ?? '') > MAX_MESSAGE;
  return [
    ...(long ? [tooLong(`${path}.message`, MAX_METADATA)] : []),
    ...validateNonNegative(problem?.errorCode, `${path}.errorCode`),
  ];
}

/** `ValidateVolumeAttachment`. */
function validate({ spec = {}, status = {} }: Attachment): Findings {
  const size = Object.entries(status.attachmentMetadata ?? {}).reduce(
    (sum, pair) => sum + utf8Length(pair.join('')),
    0,
  );
  return [
    ...validateRequiredName(isDns1123Subdomain, spec.attacher, 'spec.attacher'),
    ...validateSource(spec.source ?? {}, 'spec.source'),
    ...validateName(isDns1123Subdomain, spec.nodeName ?? '', 'spec.nodeName'),
    ...(size > MAX_METADATA ? [tooLong('status.attachmentMetadata', MAX_METADATA)] : []),
    ...validateProblem(status.attachError, 'status.attachError'),
    ...validateProblem(status.detachError, 'status.detachError'),
  ];
}

/** storage.k8s.io/v1 VolumeAttachment. */
export const volumeAttachmentKind = defineKind<Attachment>({
  group: 'storage.k8s.io',
  kind: 'VolumeAttachment',
  requiresVersion: true,
  namespaced: false,
  hasStatus: true,
  columns: [
    nameColumn,
    column('Attacher', 'string', 'Driver that attaches it.', (o) => o.spec?.attacher ?? ''),
    column('PV', 'string', 'Volume.', (o) => o.spec?.source?.persistentVolumeName ?? ''),
    column('Node', 'string', 'Node that it is attached to.', (o) => o.spec?.nodeName ?? ''),
    column('Attached', 'boolean', 'Whether it is attached.', (o) => o.status?.attached ?? false),
    ageColumn,
  ],
  validate,
  validateUpdate: (attachment, old) => validateImmutable(attachment.spec, old.spec, 'spec'),
});
