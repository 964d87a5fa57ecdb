import type { Schema } from './schema.ts';
import { bytes, flag, int32, kindSchemas, mapList, object, ref, refWithDefault, text, time } from './shape.ts';

const PACKAGE = 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1';

/** apiregistration.k8s.io/v1, which the generated data lacks. */
export const apiServiceSchemas: { readonly [name: string]: Schema } = {
  ...kindSchemas(
    `${PACKAGE}.APIService`,
    { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService' },
    object({
      spec: refWithDefault(`${PACKAGE}.APIServiceSpec`),
      status: refWithDefault(`${PACKAGE}.APIServiceStatus`),
    }),
  ),
  [`${PACKAGE}.APIServiceSpec`]: object(
    {
      caBundle: { ...bytes, 'x-kubernetes-list-type': 'atomic' },
      group: text,
      groupPriorityMinimum: { ...int32, default: 0 },
      insecureSkipTLSVerify: flag,
      service: ref(`${PACKAGE}.ServiceReference`),
      version: text,
      versionPriority: { ...int32, default: 0 },
    },
    ['groupPriorityMinimum', 'versionPriority'],
  ),
  [`${PACKAGE}.ServiceReference`]: object({ name: text, namespace: text, port: int32 }),
  [`${PACKAGE}.APIServiceStatus`]: object({
    conditions: mapList(refWithDefault(`${PACKAGE}.APIServiceCondition`), 'type'),
  }),
  [`${PACKAGE}.APIServiceCondition`]: object(
    {
      lastTransitionTime: time,
      message: text,
      reason: text,
      status: { ...text, default: '' },
      type: { ...text, default: '' },
    },
    ['type', 'status'],
  ),
};
