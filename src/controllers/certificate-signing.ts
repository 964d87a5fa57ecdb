import { decodeBase64Text, encodeBase64 } from '../kinds/base64.ts';
import type { CertificateSigningRequest } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import { type Clock, timestamp } from './clock.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

type Request = CertificateSigningRequest;
type Condition = NonNullable<NonNullable<Request['status']>['conditions']>[number];

/** Signs what a signer of ours is asked for: `request` is PEM, and so is the certificate. */
export type Sign = (request: {
  readonly request: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}) => Promise<{ readonly ok: true; readonly certificate: string } | { readonly ok: false; readonly reason: string }>;

/** What signing needs. */
export interface CertificateSigningOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly isOurs: (signerName: string) => boolean;
  readonly sign: Sign;
}

const REQUESTS = 'certificates.k8s.io/certificatesigningrequests';

/** Whether the request is approved and nothing has come of it yet. Pure. */
export function isToBeSigned({ status }: Request): boolean {
  const has = (type: string) =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  return has('Approved') && !has('Denied') && !has('Failed') && !status?.certificate;
}

function failed(reason: string, now: string): Condition {
  const at = { lastUpdateTime: now, lastTransitionTime: now };
  return { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: reason, ...at };
}

function writeOutcome(
  requests: Resource<Request>,
  request: Request,
  outcome: NonNullable<Request['status']>,
): Promise<Request | undefined> {
  const change = (current: Request): Request | undefined => {
    if (!isToBeSigned(current)) return undefined;
    const { conditions = [], ...rest } = current.status ?? {};
    return { ...current, status: { ...rest, ...outcome, conditions: [...conditions, ...(outcome.conditions ?? [])] } };
  };
  return requests.modify(request, change, 'status');
}

/** Signs certificate signing requests that were approved, or says why not. */
export function certificateSigning({ registry, clock, isOurs, sign }: CertificateSigningOptions): Controller {
  const requests = resourceOf<Request>(registry, kindOf(registry, REQUESTS));
  return {
    name: 'certificate-signing',
    inputs: [{ resource: REQUESTS, keys: ({ entry }) => [nameOf(entry.object)] }],
    outputs: [{ what: `${REQUESTS}#status.certificate`, mode: 'exclusive' }],
    reconcile: async (name) => {
      const request = requests.find('', name);
      if (request === undefined || !isOurs(request.spec.signerName) || !isToBeSigned(request)) return undefined;
      const { signerName, usages = [], expirationSeconds } = request.spec;
      const text = decodeBase64Text(request.spec.request) ?? '';
      const signed = await sign({ request: text, signerName, usages, expirationSeconds });
      const outcome = signed.ok
        ? { certificate: encodeBase64(signed.certificate) }
        : { conditions: [failed(signed.reason, timestamp(clock))] };
      await writeOutcome(requests, request, outcome);
      return undefined;
    },
  };
}
