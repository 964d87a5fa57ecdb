import { child, index, key } from '../../machinery/field-path.ts';
import { parseQuantity } from '../../machinery/quantity.ts';
import type { Container, PodSpec, PodTemplateSpec, Sparse } from '../types.ts';

type Spec = Sparse<PodSpec>;

const OLD_NODE_LABELS: { readonly [label: string]: string } = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

function fractionalBytes(container: Sparse<Container>, path: string): readonly string[] {
  return (['requests', 'limits'] as const).flatMap((list) =>
    ['memory', 'ephemeral-storage'].flatMap((name) => {
      const text = container.resources?.[list]?.[name];
      const parsed = text === undefined ? undefined : parseQuantity(text);
      if (!parsed?.ok || parsed.value.nano % 1_000_000_000n === 0n) return [];
      return [
        `${key(child(path, 'resources', list), name)}: fractional byte value "${text}" is invalid, must be an integer`,
      ];
    }),
  );
}

function hiddenVariables(container: Sparse<Container>, path: string): readonly string[] {
  const env = container.env ?? [];
  return env.flatMap((variable, position) => {
    const hides = env.slice(0, position).some((earlier) => earlier.name === variable.name);
    if (!hides) return [];
    const at = index(child(path, 'env'), position);
    return [`${at}: hides previous definition of "${variable.name}", which may be dropped when using apply`];
  });
}

function duplicatePorts(container: Sparse<Container>, path: string): readonly string[] {
  const ports = container.ports ?? [];
  const list = child(path, 'ports');
  return ports.flatMap((port, position) => {
    const first = ports.findIndex((other) =>
      (['containerPort', 'protocol', 'hostPort', 'hostIP'] as const).every((field) => other[field] === port[field]),
    );
    return first < position ? [`${index(list, position)}: duplicate port definition with ${index(list, first)}`] : [];
  });
}

function containerWarnings(container: Sparse<Container>, path: string): readonly string[] {
  return [...fractionalBytes(container, path), ...duplicatePorts(container, path), ...hiddenVariables(container, path)];
}

function nodeSelectorWarnings(spec: Spec, path: string): readonly string[] {
  return Object.keys(spec.nodeSelector ?? {}).flatMap((label) => {
    const advice = Object.hasOwn(OLD_NODE_LABELS, label) ? OLD_NODE_LABELS[label] : undefined;
    return advice ? [`${key(child(path, 'nodeSelector'), label)}: ${advice}`] : [];
  });
}

/** Upstream's warnings about a pod's spec. */
export function podSpecWarnings(spec: Spec, path: string): readonly string[] {
  const list = (name: 'containers' | 'initContainers') =>
    (spec[name] ?? []).flatMap((each, position) => containerWarnings(each, index(child(path, name), position)));
  const grace = child(path, 'terminationGracePeriodSeconds');
  const negative = (spec.terminationGracePeriodSeconds ?? 0) < 0;
  return [
    ...nodeSelectorWarnings(spec, path),
    ...(negative ? [`${grace}: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...list('initContainers'),
    ...list('containers'),
  ];
}

/** Upstream's warnings about a template of pods. */
export function templateWarnings(template: Sparse<PodTemplateSpec> | undefined, path: string): readonly string[] {
  return podSpecWarnings(template?.spec ?? {}, child(path, 'spec'));
}
