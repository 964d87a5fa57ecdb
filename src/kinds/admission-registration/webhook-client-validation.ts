import { child, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1123Subdomain, isPortNumber } from '../../machinery/names.ts';
import type { MutatingWebhook, Sparse } from '../types.ts';
import type { Findings } from '../validation.ts';

type Client = NonNullable<Sparse<MutatingWebhook>['clientConfig']>;
type Service = NonNullable<Client['service']>;

const FORM = '; desired format: https://host[/path]';
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/;

function validateUrl(url: string, path: string): Findings {
  const [, scheme = '', user, host = '', query = '', fragment = ''] = URL_PARTS.exec(url) ?? [];
  return [
    ...(scheme === 'https' ? [] : [invalidValue(path, scheme, `'https' is the only allowed URL scheme${FORM}`)]),
    ...(host === '' ? [invalidValue(path, host, `host must be specified${FORM}`)] : []),
    ...(user === undefined ? [] : [invalidValue(path, user, 'user information is not permitted in the URL')]),
    ...(fragment === '' ? [] : [invalidValue(path, fragment, 'fragments are not permitted in the URL')]),
    ...(query === '' ? [] : [invalidValue(path, query, 'query parameters are not permitted in the URL')]),
  ];
}

function validatePath(urlPath: string, field: string): Findings {
  if (urlPath === '/' || urlPath === '') return [];
  if (urlPath === '//') return [invalidValue(field, urlPath, 'segment[0] may not be empty')];
  const start = urlPath.startsWith('/') ? [] : [invalidValue(field, urlPath, "must start with a '/'")];
  const whole = urlPath.endsWith('/') ? urlPath.slice(0, -1) : urlPath;
  const steps = (whole.startsWith('/') ? whole.slice(1) : whole).split('/');
  const wrong = steps.flatMap((step, position) => {
    if (step === '') return [invalidValue(field, urlPath, `segment[${position}] may not be empty`)];
    return isDns1123Subdomain(step).map((why) => invalidValue(field, urlPath, `segment[${position}]: ${why}`));
  });
  return [...start, ...wrong];
}

function validateService({ name, namespace, path = '', port = 443 }: Service, field: string): Findings {
  const sound = isPortNumber(port);
  return [
    ...(name ? [] : [required(child(field, 'name'), 'service name is required')]),
    ...(namespace ? [] : [required(child(field, 'namespace'), 'service namespace is required')]),
    ...(sound.length === 0 ? [] : [invalidValue(child(field, 'port'), port, `port is not valid: ${sound.join(',')}`)]),
    ...validatePath(path, child(field, 'path')),
  ];
}

/** Where a webhook is: at a URL or behind a Service. */
export function validateClient({ url, service }: Client, path: string): Findings {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return service ? validateService(service, child(path, 'service')) : validateUrl(url ?? '', child(path, 'url'));
}
