import { INGRESS_CLASS, INGRESS_CONTROLLER } from '../../../translators/host/proxy/sites.ts';
import type { BuiltIn } from './built-in.ts';

/** The class of our router, which Ingresses without a class get. */
export const ingressClasses: readonly BuiltIn[] = [
  {
    resource: 'networking.k8s.io/ingressclasses',
    object: {
      metadata: { name: INGRESS_CLASS, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: INGRESS_CONTROLLER },
    },
  },
];
