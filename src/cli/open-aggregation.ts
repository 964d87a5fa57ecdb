import { randomInt } from 'node:crypto';
import { createAggregator } from '../aggregator/create-aggregator.ts';
import { ensureFrontProxy, FRONT_PROXY_CLIENT } from '../auth/front-proxy.ts';
import { apiServiceAvailability } from '../controllers/api-service-availability.ts';
import { systemClock } from '../controllers/clock.ts';
import type { Controller } from '../controllers/controller.ts';
import { customApiServices } from '../controllers/custom-api-services.ts';
import { extensionAuthentication } from '../controllers/extension-authentication.ts';
import { createHttpsJson } from '../host/https-json.ts';
import type { ServiceLookup } from '../kinds/resolve-service.ts';
import type { Registry } from '../registry/registry.ts';

/** What aggregation is joined from. */
export interface AggregationOptions {
  readonly registry: Registry;
  readonly lookup: ServiceLookup['lookup'];
  /** Where the house's keys are. */
  readonly folder: string;
  /** PEM of the authority of client certificates. */
  readonly clientCa: string;
}

/** Joins the way to extension API servers and what keeps it open. */
export async function openAggregation({ registry, lookup, folder, clientCa }: AggregationOptions): Promise<{
  readonly aggregator: ReturnType<typeof createAggregator>;
  readonly controllers: readonly Controller[];
}> {
  const { authority: frontProxyCa, client } = await ensureFrontProxy(folder, new Date());
  const getJson = createHttpsJson();
  const aggregator = createAggregator({ lookup, client, getJson, random: (below) => randomInt(below) });
  return {
    aggregator,
    controllers: [
      apiServiceAvailability({ registry, clock: systemClock, check: aggregator.check }),
      customApiServices({ registry }),
      extensionAuthentication({ registry, clientCa, frontProxyCa, frontProxyName: FRONT_PROXY_CLIENT }),
    ],
  };
}
