import { child, forbiddenField, index, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1035Label } from '../../machinery/names.ts';
import { validateClient } from '../admission-registration/webhook-client-validation.ts';
import { type Findings, validateEnum } from '../validation.ts';
import type { CustomConversion } from './types.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function validateReviewVersions(versions: readonly string[], path: string): Findings {
  if (versions.length === 0) return [required(path)];
  const each = versions.flatMap((version, position) => {
    if (versions.indexOf(version) !== position)
      return [invalidValue(index(path, position), version, 'duplicate version')];
    return isDns1035Label(version).map((why) => invalidValue(index(path, position), version, why));
  });
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return each;
  return [...each, invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}

function validateWebhook(webhook: CustomConversion['webhook'], path: string): Findings {
  const config = child(path, 'webhookClientConfig');
  const client = webhook?.clientConfig;
  return [
    ...(client === undefined
      ? [required(config, 'required when strategy is set to Webhook')]
      : validateClient(client, config)),
    ...validateReviewVersions(webhook?.conversionReviewVersions ?? [], child(path, 'conversionReviewVersions')),
  ];
}

/** `validateCustomResourceConversion`; the paths are those of upstream's internal type. */
export function validateConversion(conversion: CustomConversion | undefined, path: string): Findings {
  if (conversion === undefined) return [];
  const { strategy = '', webhook } = conversion;
  const known = validateEnum(strategy, child(path, 'strategy'), ['None', 'Webhook']);
  if (strategy === 'Webhook') return [...known, ...validateWebhook(webhook, path)];
  const unwanted = 'should not be set when strategy is not set to Webhook';
  return [
    ...known,
    ...(webhook?.clientConfig === undefined ? [] : [forbiddenField(child(path, 'webhookClientConfig'), unwanted)]),
    ...(webhook?.conversionReviewVersions === undefined
      ? []
      : [forbiddenField(child(path, 'conversionReviewVersions'), unwanted)]),
  ];
}
