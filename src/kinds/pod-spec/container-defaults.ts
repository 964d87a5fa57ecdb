import type { Container, EnvVar, Sparse } from '../types.ts';
import type { PodSpecDefaultOptions } from './default-options.ts';
import { defined } from './defined.ts';
import { applyHandlerDefaults, applyProbeDefaults } from './probe-defaults.ts';

type Spec = Sparse<Container>;

/** Whether the image's tag is `latest`, said or implied. A digest alone is no tag, and implies none. */
function isLatest(image: string): boolean {
  const [name = '', digest] = image.split('@');
  const tag = /:([\w][\w.-]*)$/.exec(name.slice(name.lastIndexOf('/') + 1))?.[1];
  return tag === undefined ? digest === undefined : tag === 'latest';
}

function envDefaults(variable: Sparse<EnvVar>): Sparse<EnvVar> {
  const fieldRef = variable.valueFrom?.fieldRef;
  if (!fieldRef || fieldRef.apiVersion) return variable;
  return { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: { ...fieldRef, apiVersion: 'v1' } } };
}

function resourceDefaults(resources: Spec['resources'], options: PodSpecDefaultOptions): Spec['resources'] {
  if (!options.isPod || !resources?.limits) return resources;
  return { ...resources, requests: { ...resources.limits, ...resources.requests } };
}

function probes(container: Spec): Spec {
  return {
    ...defined('livenessProbe', container.livenessProbe && applyProbeDefaults(container.livenessProbe)),
    ...defined('readinessProbe', container.readinessProbe && applyProbeDefaults(container.readinessProbe)),
    ...defined('startupProbe', container.startupProbe && applyProbeDefaults(container.startupProbe)),
  };
}

function lifecycleDefaults(lifecycle: NonNullable<Spec['lifecycle']>): Spec['lifecycle'] {
  return {
    ...lifecycle,
    ...defined('postStart', lifecycle.postStart && applyHandlerDefaults(lifecycle.postStart)),
    ...defined('preStop', lifecycle.preStop && applyHandlerDefaults(lifecycle.preStop)),
  };
}

/** `SetDefaults_Container` and those of what is in it. */
export function applyContainerDefaults(container: Spec, options: PodSpecDefaultOptions): Spec {
  return {
    ...container,
    imagePullPolicy: container.imagePullPolicy || (isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'),
    terminationMessagePath: container.terminationMessagePath || '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy || 'File',
    ...defined('resources', resourceDefaults(container.resources, options)),
    ...defined('env', container.env?.map(envDefaults)),
    ...defined(
      'ports',
      container.ports?.map((port) => ({ ...port, protocol: port.protocol || 'TCP' })),
    ),
    ...probes(container),
    ...defined('lifecycle', container.lifecycle && lifecycleDefaults(container.lifecycle)),
  };
}
