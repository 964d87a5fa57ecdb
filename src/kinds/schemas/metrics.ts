import type { Schema } from './schema.ts';
import { atomicList, kindSchemas, object, ref, refWithDefault, text, time } from './shape.ts';

const PACKAGE = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';
const GROUP = { group: 'metrics.k8s.io', version: 'v1beta1' };

const usage: Schema = {
  type: 'object',
  additionalProperties: ref('io.k8s.apimachinery.pkg.api.resource.Quantity'),
};
const taken = { timestamp: time, window: ref('io.k8s.apimachinery.pkg.apis.meta.v1.Duration') };

/** metrics.k8s.io/v1beta1, which upstream serves from another server. */
export const metricsSchemas: { readonly [name: string]: Schema } = {
  ...kindSchemas(
    `${PACKAGE}.NodeMetrics`,
    { ...GROUP, kind: 'NodeMetrics' },
    object({ ...taken, usage }, ['timestamp', 'window', 'usage']),
  ),
  ...kindSchemas(
    `${PACKAGE}.PodMetrics`,
    { ...GROUP, kind: 'PodMetrics' },
    object({ ...taken, containers: atomicList(refWithDefault(`${PACKAGE}.ContainerMetrics`)) }, [
      'timestamp',
      'window',
      'containers',
    ]),
  ),
  [`${PACKAGE}.ContainerMetrics`]: object({ name: { ...text, default: '' }, usage }, ['name', 'usage']),
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': text,
};
