import { resolveService, type ServiceAddress, type ServiceLookup } from '../kinds/resolve-service.ts';
import type { ApiService } from '../kinds/types.ts';
import { isConditionTrue } from '../machinery/conditions.ts';
import { serviceUnavailable } from '../machinery/status-error.ts';

/** A GET to an extension API server; rejects with an Error in the words of Go's client. */
export type GetJson = (call: {
  readonly target: {
    readonly url: string;
    readonly address: ServiceAddress;
    readonly caBundle: string;
    readonly insecure: boolean;
    readonly client: Client;
  };
  readonly headers: { readonly [name: string]: string };
  readonly timeoutSeconds: number;
}) => Promise<{ readonly status: number; readonly body: string }>;

/** Who we are to extension API servers: PEM. */
interface Client {
  readonly certificate: string;
  readonly key: string;
}

/** What the aggregator needs. */
export interface AggregatorOptions extends ServiceLookup {
  readonly client: Client;
  readonly getJson: GetJson;
}

/** `metav1.APIResource`, as an extension API server tells of it. */
interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** What a look at an APIService's server gave: its resources, or why it can't be used. */
export type Checked =
  | { readonly available: true; readonly message: string }
  | { readonly available: false; readonly reason: string; readonly message: string };

const APISERVICES = 'apiregistration.k8s.io/apiservices';
const HTTPS = 443;
const TIMEOUT = 5;
/** As whom the aggregator itself asks. */
const HEADERS = { 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' };

function hostOf({ namespace = '', name = '' }: NonNullable<NonNullable<ApiService['spec']>['service']>): string {
  return `${name}.${namespace}.svc`;
}

function resourcesIn(body: string): readonly Resource[] {
  const { resources } = JSON.parse(body) as { readonly resources?: readonly Resource[] };
  return Array.isArray(resources) ? resources : [];
}

function isRemote({ spec }: ApiService): boolean {
  return spec?.service !== undefined;
}

/** API servers behind this one: where they are, what they serve, and whether they can be reached. */
export function createAggregator(options: AggregatorOptions) {
  const { lookup, client, getJson } = options;
  const known = new Map<string, readonly Resource[]>();
  const find = (group: string, version: string): ApiService | undefined =>
    lookup.get(APISERVICES, { namespace: '', name: `${version}.${group}` }) as ApiService | undefined;

  const addressOf = ({ spec }: ApiService): ServiceAddress => {
    const { namespace = '', name = '', port = HTTPS } = spec?.service ?? {};
    return resolveService(options, { namespace, name, port });
  };

  const locate = (group: string, version: string) => {
    const service = find(group, version);
    if (service?.spec?.service === undefined) return undefined;
    if (!isConditionTrue(service.status?.conditions, 'Available')) throw serviceUnavailable('service unavailable');
    const { caBundle, insecureSkipTLSVerify: insecure = false } = service.spec;
    const ca = caBundle ? { ca: Buffer.from(caBundle, 'base64').toString('utf8') } : {};
    const own = { cert: client.certificate, key: client.key };
    const tls = { servername: hostOf(service.spec.service), rejectUnauthorized: !insecure, ...own, ...ca };
    try {
      return { scheme: 'https' as const, ...addressOf(service), tls };
    } catch (error) {
      throw serviceUnavailable(error instanceof Error ? error.message : String(error));
    }
  };

  const versions = () => {
    const remote = (lookup.list(APISERVICES) as readonly ApiService[]).filter(isRemote);
    return remote.map(({ metadata, spec }) => ({
      group: spec?.group ?? '',
      version: spec?.version ?? '',
      groupPriority: spec?.groupPriorityMinimum ?? 0,
      versionPriority: spec?.versionPriority ?? 0,
      resources: known.get(metadata?.name ?? '') ?? [],
    }));
  };

  /** Asks the server of an APIService what it serves. Never rejects. */
  const check = async (service: ApiService): Promise<Checked> => {
    const { spec, metadata } = service;
    const { caBundle = '', insecureSkipTLSVerify: insecure = false, group = '', version = '' } = spec ?? {};
    const failed = (reason: string, message: string): Checked => ({ available: false, reason, message });
    let url = `https://${hostOf(spec?.service ?? ({} as never))}/apis/${group}/${version}`;
    try {
      const address = addressOf(service);
      const target = { url, address, caBundle, insecure, client };
      url = `https://${address.host}:${address.port}/apis/${group}/${version}`;
      const { status, body } = await getJson({ target, headers: HEADERS, timeoutSeconds: TIMEOUT });
      if (status < 200 || status >= 300) {
        return failed(
          'FailedDiscoveryCheck',
          `failing or missing response from ${url}: bad status from ${url}: ${status}`,
        );
      }
      known.set(metadata?.name ?? '', resourcesIn(body));
      return { available: true, message: 'all checks passed' };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return failed('FailedDiscoveryCheck', `failing or missing response from ${url}: Get "${url}": ${why}`);
    }
  };
  return { locate, versions, check };
}
