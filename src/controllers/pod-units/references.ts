import type { ImageAccounts } from '../../../translators/units/pod/image-accounts.ts';
import type { ImageFacts } from '../../host/podman.ts';
import type {
  ConfigMap,
  Container,
  EnvVar,
  PersistentVolume,
  Pod,
  Secret,
  Service,
  Volume,
} from '../../kinds/types.ts';
import { namespaceOf } from '../meta.ts';

/** An object that a pod can't start without, or can. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** A key that must exist; undefined: the object suffices. */
  readonly key?: string;
  readonly optional: boolean;
  /** The container that needs it; undefined: a volume. */
  readonly container?: string;
  readonly volume?: string;
}

/** What a pod refers to: ConfigMaps and Secrets of its namespace by name, its images by reference, and more. */
export interface ReferencedObjects {
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Only where the translation depends on what the images say about themselves. */
  readonly images?: ReadonlyMap<string, ImageFacts & { readonly accounts?: ImageAccounts }>;
  /** What its containers are told of by variables. */
  readonly services?: readonly Service[];
  /** The volumes behind the pod's claims, by the claim's name. */
  readonly claimVolumes?: ReadonlyMap<string, PersistentVolume>;
  /** Handler of the pod's RuntimeClass; '' when the class is gone. */
  readonly runtimeHandler?: string;
  /** The pod is what a timer makes of a CronJob. */
  readonly timerRun?: { readonly deadlineSeconds: number | undefined };
  /** ServiceAccount tokens by `<volume>/<path>`. */
  readonly tokens?: ReadonlyMap<string, string>;
}

/** Whether the pod's translation depends on its images: whom a container runs as may be up to them. */
export function dependsOnImages(pod: Pod): boolean {
  return dependsOnAccounts(pod) || securityContexts(pod).some((context) => context?.runAsNonRoot === true);
}

/** Whether it depends on their users and groups: Podman looks them up only for a user without a group. */
export function dependsOnAccounts(pod: Pod): boolean {
  const isStrict = pod.spec?.securityContext?.supplementalGroupsPolicy === 'Strict';
  return isStrict || securityContexts(pod).some((context) => context?.runAsGroup !== undefined);
}

function securityContexts({ spec }: Pod): readonly Container['securityContext'][] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return [spec?.securityContext, ...containers.map(({ securityContext }) => securityContext)];
}

/** A reference that can't be followed, in the kubelet's words. */
export interface MissingReference {
  readonly reference: Reference;
  readonly message: string;
}

function ofEnv(container: string, { valueFrom }: EnvVar): readonly Reference[] {
  const [configMap, secret] = [valueFrom?.configMapKeyRef, valueFrom?.secretKeyRef];
  return [
    ...(configMap ? [toReference('ConfigMap', configMap, { container })] : []),
    ...(secret ? [toReference('Secret', secret, { container })] : []),
  ];
}

function toReference(
  kind: Reference['kind'],
  from: { readonly name?: string; readonly key?: string; readonly optional?: boolean },
  user: { readonly container?: string; readonly volume?: string },
): Reference {
  return { kind, name: from.name ?? '', key: from.key, optional: from.optional ?? false, ...user };
}

function ofContainer(container: Container): readonly Reference[] {
  const from = (container.envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
    ...(configMapRef ? [toReference('ConfigMap', configMapRef, { container: container.name })] : []),
    ...(secretRef ? [toReference('Secret', secretRef, { container: container.name })] : []),
  ]);
  return [...from, ...(container.env ?? []).flatMap((env) => ofEnv(container.name, env))];
}

interface FileSource {
  readonly name?: string;
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string }[];
}

/** The object, and each key that the volume picks. */
function ofFiles(kind: Reference['kind'], source: FileSource | undefined, volume: string): readonly Reference[] {
  if (!source) return [];
  const { name, optional, items = [] } = source;
  const keys = items.length === 0 ? [undefined] : items.map(({ key }) => key);
  return keys.map((key) => toReference(kind, { name, optional, key }, { volume }));
}

function ofVolume({ name: volume, configMap, secret, projected }: Volume): readonly Reference[] {
  const sources = (projected?.sources ?? []).flatMap((source) => [
    ...ofFiles('ConfigMap', source.configMap, volume),
    ...ofFiles('Secret', source.secret, volume),
  ]);
  return [
    ...ofFiles('ConfigMap', configMap, volume),
    ...ofFiles('Secret', secret && { ...secret, name: secret.secretName }, volume),
    ...sources,
  ];
}

/** Every ConfigMap and Secret that the pod names, in the order of the spec. */
export function podReferences(pod: Pod): readonly Reference[] {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return [...(pod.spec?.volumes ?? []).flatMap(ofVolume), ...containers.flatMap(ofContainer)];
}

function hasKey(found: ConfigMap | Secret, key: string): boolean {
  const binary = 'binaryData' in found ? found.binaryData : undefined;
  return found.data?.[key] !== undefined || binary?.[key] !== undefined;
}

function problem(reference: Reference, pod: Pod, objects: ReferencedObjects): string | undefined {
  const { kind, name, key, volume } = reference;
  const found = kind === 'ConfigMap' ? objects.configMaps.get(name) : objects.secrets.get(name);
  if (found === undefined) return `${kind.toLowerCase()} "${name}" not found`;
  if (key === undefined || hasKey(found, key)) return undefined;
  if (volume !== undefined) return `references non-existent ${kind === 'Secret' ? 'secret' : 'config'} key: ${key}`;
  return `couldn't find key ${key} in ${kind} ${namespaceOf(pod)}/${name}`;
}

/** The references that keep the pod from starting; the first one of each volume. Pure. */
export function missingReferences(pod: Pod, objects: ReferencedObjects): readonly MissingReference[] {
  const missing = podReferences(pod).flatMap((reference) => {
    const message = reference.optional ? undefined : problem(reference, pod, objects);
    return message === undefined ? [] : [{ reference, message }];
  });
  const volumes = missing.map(({ reference }) => reference.volume);
  return missing.filter((_, at) => volumes[at] === undefined || volumes.indexOf(volumes[at]) === at);
}

/** Whether a volume or a variable holds the pod's labels or annotations: it changes with them. */
export function showsOwnMetadata({ spec }: Pod): boolean {
  const items = (spec?.volumes ?? []).flatMap(({ downwardAPI, projected }) => [
    ...(downwardAPI?.items ?? []),
    ...(projected?.sources ?? []).flatMap((source) => source.downwardAPI?.items ?? []),
  ]);
  const variables = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ env = [] }) =>
    env.map(({ valueFrom }) => ({ fieldRef: valueFrom?.fieldRef })),
  );
  return [...items, ...variables].some(({ fieldRef }) =>
    /^metadata\.(labels|annotations)/.test(fieldRef?.fieldPath ?? ''),
  );
}
