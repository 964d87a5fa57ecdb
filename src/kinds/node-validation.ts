import { duplicate, forbiddenField, index, invalidValue } from '../machinery/field-path.ts';
import { isLabelValue, isQualifiedName } from '../machinery/names.ts';
import type { Draft, Node } from './types.ts';
import { type Findings, validateEnum, validateName, validateRequiredName } from './validation.ts';

type Object = Draft<Node>;
type Taint = NonNullable<NonNullable<Object['spec']>['taints']>[number];

const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

function validateTaint(taint: Taint, path: string): Findings {
  return [
    ...validateRequiredName(isQualifiedName, taint.key, `${path}.key`),
    ...validateName(isLabelValue, taint.value ?? '', `${path}.value`),
    ...validateEnum(taint.effect, `${path}.effect`, EFFECTS),
  ];
}

/** `ValidateNode`: its taints. */
export function validateNode(node: Object): Findings {
  const taints = node.spec?.taints ?? [];
  return taints.flatMap((taint, position) => {
    const path = index('spec.taints', position);
    const twice = taints.slice(0, position).some((each) => each.key === taint.key && each.effect === taint.effect);
    if (!twice) return validateTaint(taint, path);
    return [
      {
        ...duplicate(path, taint),
        message: `${duplicate(path, taint).message}: taints must be unique by key and effect pair`,
      },
    ];
  });
}

function keepsOnceSet(field: 'podCIDR' | 'providerID', node: Object, old: Object): Findings {
  const [value, before] = [node.spec?.[field] ?? '', old.spec?.[field] ?? ''];
  if (before === '' || value === before) return [];
  const detail = `node updates may not change ${field} except from "" to valid`;
  return [
    field === 'podCIDR'
      ? invalidValue('spec.podCIDRs', node.spec?.podCIDRs, detail)
      : forbiddenField('spec.providerID', detail),
  ];
}

/** `ValidateNodeUpdate`. */
export function validateNodeUpdate(node: Object, old: Object): Findings {
  return [...keepsOnceSet('podCIDR', node, old), ...keepsOnceSet('providerID', node, old)];
}
