import type { Schema } from './schema.ts';
import {
  atomicList,
  int32,
  intOrString,
  kindSchemas,
  mapList,
  object,
  ref,
  refWithDefault,
  text,
  time,
} from './shape.ts';

const PACKAGE = 'com.github.openshift.api.route.v1';

const of = (name: string): Schema => ref(`${PACKAGE}.${name}`);
const defaultOf = (name: string): Schema => refWithDefault(`${PACKAGE}.${name}`);

/** An action on a header of a request or a response. */
const headers = mapList(defaultOf('RouteHTTPHeader'), 'name');

/** route.openshift.io/v1. */
export const routeSchemas: { readonly [name: string]: Schema } = {
  ...kindSchemas(
    `${PACKAGE}.Route`,
    { group: 'route.openshift.io', version: 'v1', kind: 'Route' },
    object({ spec: defaultOf('RouteSpec'), status: defaultOf('RouteStatus') }, ['spec']),
  ),
  [`${PACKAGE}.RouteSpec`]: object(
    {
      alternateBackends: mapList(defaultOf('RouteTargetReference'), 'name', 'kind'),
      host: text,
      httpHeaders: of('RouteHTTPHeaders'),
      path: text,
      port: of('RoutePort'),
      subdomain: text,
      tls: of('TLSConfig'),
      to: defaultOf('RouteTargetReference'),
      wildcardPolicy: text,
    },
    ['to'],
  ),
  [`${PACKAGE}.RouteTargetReference`]: object(
    { kind: { ...text, default: '' }, name: { ...text, default: '' }, weight: int32 },
    ['kind', 'name'],
  ),
  [`${PACKAGE}.RoutePort`]: object({ targetPort: intOrString }, ['targetPort']),
  [`${PACKAGE}.TLSConfig`]: object(
    {
      caCertificate: text,
      certificate: text,
      destinationCACertificate: text,
      externalCertificate: of('LocalObjectReference'),
      insecureEdgeTerminationPolicy: text,
      key: text,
      termination: { ...text, default: '' },
    },
    ['termination'],
  ),
  [`${PACKAGE}.LocalObjectReference`]: object({ name: text }),
  [`${PACKAGE}.RouteHTTPHeaders`]: object({ actions: defaultOf('RouteHTTPHeaderActions') }),
  [`${PACKAGE}.RouteHTTPHeaderActions`]: object({ request: headers, response: headers }),
  [`${PACKAGE}.RouteHTTPHeader`]: object(
    { action: defaultOf('RouteHTTPHeaderActionUnion'), name: { ...text, default: '' } },
    ['name', 'action'],
  ),
  [`${PACKAGE}.RouteHTTPHeaderActionUnion`]: object({ set: of('RouteSetHTTPHeader'), type: { ...text, default: '' } }, [
    'type',
  ]),
  [`${PACKAGE}.RouteSetHTTPHeader`]: object({ value: { ...text, default: '' } }, ['value']),
  [`${PACKAGE}.RouteStatus`]: object({ ingress: atomicList(defaultOf('RouteIngress')) }),
  [`${PACKAGE}.RouteIngress`]: object({
    conditions: mapList(defaultOf('RouteIngressCondition'), 'type'),
    host: text,
    routerCanonicalHostname: text,
    routerName: text,
    wildcardPolicy: text,
  }),
  [`${PACKAGE}.RouteIngressCondition`]: object(
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
