import { child, forbiddenField, invalidValue, key, notSupported } from '../../machinery/field-path.ts';
import { compareQuantities, formatQuantity } from '../../machinery/quantity.ts';
import { amountsOf, listOf } from '../quota/amounts.ts';
import { containerRequirements } from '../quota/pod-requirements.ts';
import type { PodSpec, Sparse } from '../types.ts';
import type { Findings } from '../validation.ts';
import { isHugePages, validateResourceName, validateResources } from './resources-validation.ts';

type Spec = Sparse<PodSpec>;

/** `SupportedPodLevelResources`. */
const SUPPORTED = ['cpu', 'hugepages-', 'memory'];

/** `validatePodResourceName`. */
function validateName(name: string, field: string): Findings {
  const errors = validateResourceName(name, field);
  if (errors.length > 0 || SUPPORTED.includes(name) || isHugePages(name)) return errors;
  return [notSupported(field, name, SUPPORTED)];
}

/** The pod has at least what its containers have together. */
function validateSum(spec: Spec, which: 'requests' | 'limits', path: string): Findings {
  const own = amountsOf(spec.resources?.[which]);
  const all = containerRequirements(spec, which);
  const sums = listOf(all);
  return [...all].flatMap(([name, sum]) => {
    const amount = own.get(name);
    if (amount === undefined || (which === 'limits' && !isHugePages(name))) return [];
    if (compareQuantities(sum, amount) <= 0) return [];
    const detail = `must be greater than or equal to aggregate container ${which} of ${sums[name]}`;
    return [invalidValue(key(child(path, which), name), formatQuantity(amount), detail)];
  });
}

/** No container may have more than all of them. */
function validateContainers(spec: Spec, path: string): Findings {
  const own = amountsOf(spec.resources?.limits);
  return (spec.containers ?? []).flatMap(({ resources }, index) =>
    [...amountsOf(resources?.limits)].flatMap(([name, limit]) => {
      const most = own.get(name);
      if (most === undefined || compareQuantities(limit, most) <= 0) return [];
      const detail = `must be less than or equal to pod limits of ${formatQuantity(most)}`;
      const field = child(key(`${path}.containers[${index}]`, name), 'limits');
      return [invalidValue(field, formatQuantity(limit), detail)];
    }),
  );
}

/** `validatePodResources`: what a pod asks for as a whole, and that it goes with what its containers ask for. */
export function validatePodResources(spec: Spec, path: string): Findings {
  const { resources } = spec;
  if (resources === undefined) return [];
  return [
    ...(resources.claims === undefined
      ? []
      : [forbiddenField(child(path, 'claims'), 'claims may not be set for Resources at pod-level')]),
    ...validateResources(resources, path, validateName),
    ...validateSum(spec, 'requests', path),
    ...validateSum(spec, 'limits', path),
    ...validateContainers(spec, path),
  ];
}
