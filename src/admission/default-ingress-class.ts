import type { Ingress, IngressClass } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { type AdmissionLookup, type AdmissionPlugin, isAbout } from './plugin.ts';

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';
const OLD_CLASS = 'kubernetes.io/ingress.class';

/** The default class; of several the newest, then the first by name. */
function findDefault(lookup: AdmissionLookup): IngressClass | undefined {
  const classes = lookup.list('networking.k8s.io/ingressclasses') as readonly IngressClass[];
  const age = (each: IngressClass) => String(each.metadata?.creationTimestamp ?? '');
  return classes
    .filter((each) => each.metadata?.annotations?.[DEFAULT_CLASS] === 'true')
    .toSorted(
      (a, b) => age(b).localeCompare(age(a)) || ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1),
    )[0];
}

/** Ingresses that name no class get the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate: (request, lookup): KubernetesObject => {
    if (request.operation !== 'CREATE' || !isAbout(request, 'networking.k8s.io/ingresses')) return request.object;
    const ingress = request.object as Ingress;
    const named =
      ingress.spec?.ingressClassName !== undefined || ingress.metadata?.annotations?.[OLD_CLASS] !== undefined;
    const found = named ? undefined : findDefault(lookup)?.metadata?.name;
    return found === undefined
      ? ingress
      : ({ ...ingress, spec: { ...ingress.spec, ingressClassName: found } } as KubernetesObject);
  },
};
