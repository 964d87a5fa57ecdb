import { decodeBase64Text } from '../../../src/kinds/base64.ts';
import type { ConfigMap, Container, EnvVar, Pod, Secret } from '../../../src/kinds/types.ts';
import type { PodContext } from './context.ts';
import { expandReferences } from './expansion.ts';
import { fieldValue, resourceValue } from './field-ref.ts';
import { isAsked, type Report, refuseUnsupported } from './report.ts';
import { serviceVariables } from './service-env.ts';
import type { Variable } from './variable.ts';

/** A container and where it stands. */
export interface ContainerSite {
  readonly pod: Pod;
  readonly container: Container;
  /** `spec.containers[0]` */
  readonly path: string;
}

/**
 * The container's variables as the kubelet makes them: `envFrom` in order, then `env`, later ones replacing earlier
 * ones, `$(NAME)` referring to what came before or to a Service; and what tells of Services, unless something is
 * called so already.
 */
export function resolveEnv(site: ContainerSite, context: PodContext, report: Report): readonly Variable[] {
  const variables = new Map<string, Variable>();
  const services = serviceVariables(site.pod, context.services ?? []);
  for (const [index, source] of (site.container.envFrom ?? []).entries()) {
    for (const variable of fromSource(source, site, context)) {
      if (isVariableName(variable.name)) {
        variables.set(variable.name, variable);
      } else {
        report.approximate(`${site.path}.envFrom[${index}]`, `"${variable.name}" is no name of a variable: left out`);
      }
    }
  }
  for (const [index, entry] of (site.container.env ?? []).entries()) {
    const path = `${site.path}.env[${index}]`;
    const resolved = resolveEntry(entry, { site, context, report, path, variables, services });
    if (resolved !== undefined) {
      variables.set(entry.name, resolved);
    }
  }
  return [...variables.values(), ...services.filter(({ name }) => !variables.has(name))];
}

/** Values by name, for `$(NAME)`. */
export function valuesOf(variables: readonly Variable[]): ReadonlyMap<string, string> {
  return new Map(variables.map(({ name, value }) => [name, value]));
}

interface Resolution {
  readonly site: ContainerSite;
  readonly context: PodContext;
  readonly report: Report;
  readonly path: string;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly services: readonly Variable[];
}

function resolveEntry(entry: EnvVar, resolution: Resolution): Variable | undefined {
  const { name, value, valueFrom, ...unhandled } = entry;
  unhandled satisfies Record<PropertyKey, never>;
  if (valueFrom === undefined || valueFrom === null || (value !== undefined && value !== '')) {
    const known = [...resolution.services, ...resolution.variables.values()];
    const expanded = expandReferences(value ?? '', valuesOf(known));
    const isSecret = known.some((other) => other.isSecret && (value ?? '').includes(`$(${other.name})`));
    return { name, value: expanded, isSecret };
  }
  return resolveSource(name, valueFrom, resolution);
}

function resolveSource(
  name: string,
  valueFrom: NonNullable<EnvVar['valueFrom']>,
  { site, context, report, path }: Resolution,
): Variable | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef, fileKeyRef, ...unhandled } = valueFrom;
  unhandled satisfies Record<PropertyKey, never>;
  refuseUnsupported(report, `${path}.valueFrom`, { fileKeyRef });
  const namespace = site.pod.metadata?.namespace ?? '';
  if (secretKeyRef) {
    const value = secretText(context.findSecret(namespace, secretKeyRef.name ?? ''), secretKeyRef.key);
    return value === undefined ? undefined : { name, value, isSecret: true };
  }
  const value = configMapKeyRef
    ? context.findConfigMap(namespace, configMapKeyRef.name ?? '')?.data?.[configMapKeyRef.key]
    : downwardValue({ fieldRef, resourceFieldRef }, { site, context, report, path });
  return value === undefined ? undefined : { name, value, isSecret: false };
}

function downwardValue(
  { fieldRef, resourceFieldRef }: Pick<NonNullable<EnvVar['valueFrom']>, 'fieldRef' | 'resourceFieldRef'>,
  { site, context, report, path }: Omit<Resolution, 'variables' | 'services'>,
): string | undefined {
  if (fieldRef) {
    const value = fieldValue(site.pod, fieldRef.fieldPath, context);
    if (value === undefined) {
      report.refuse(`${path}.valueFrom.fieldRef.fieldPath`, `"${fieldRef.fieldPath}" is not supported`);
    }
    return value;
  }
  if (!resourceFieldRef) {
    return undefined;
  }
  const { containerName } = resourceFieldRef;
  const all = [...(site.pod.spec?.initContainers ?? []), ...(site.pod.spec?.containers ?? [])];
  const container = containerName ? all.find(({ name }) => name === containerName) : site.container;
  const value = container && resourceValue(resourceFieldRef, container, { spec: site.pod.spec, context });
  if (value === undefined) {
    report.refuse(`${path}.valueFrom.resourceFieldRef.resource`, `"${resourceFieldRef.resource}" is not supported`);
  }
  return value;
}

function fromSource(
  source: NonNullable<Container['envFrom']>[number],
  { pod }: ContainerSite,
  context: PodContext,
): readonly Variable[] {
  const { prefix, configMapRef, secretRef, ...unhandled } = source;
  unhandled satisfies Record<PropertyKey, never>;
  const namespace = pod.metadata?.namespace ?? '';
  const named = (isSecret: boolean) => (entry: readonly [string, string]) => ({
    name: `${prefix ?? ''}${entry[0]}`,
    value: entry[1],
    isSecret,
  });
  return [
    ...configMapEntries(configMapRef && context.findConfigMap(namespace, configMapRef.name ?? '')).map(named(false)),
    ...secretEntries(secretRef && context.findSecret(namespace, secretRef.name ?? '')).map(named(true)),
  ];
}

function configMapEntries(map: ConfigMap | undefined): readonly (readonly [string, string])[] {
  return Object.entries(map?.data ?? {});
}

function secretEntries(secret: Secret | undefined): readonly (readonly [string, string])[] {
  return Object.keys(secret?.data ?? {}).flatMap((key) => {
    const value = secretText(secret, key);
    return value === undefined ? [] : [[key, value] as const];
  });
}

function secretText(secret: Secret | undefined, key: string): string | undefined {
  const encoded = secret?.data?.[key];
  return encoded === undefined ? undefined : decodeBase64Text(encoded);
}

/** What Kubernetes accepts: printable ASCII without `=` (envvar names are that free since 1.34). */
function isVariableName(name: string): boolean {
  return isAsked(name) && /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}
