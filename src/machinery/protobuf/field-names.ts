/** Fields that are spelt otherwise in JSON. */
const RENAMED: { readonly [name: string]: string } = {
  uID: 'uid',
  aPIGroup: 'apiGroup',
  Webhooks: 'webhooks',
  xKubernetesPreserveUnknownFields: 'x-kubernetes-preserve-unknown-fields',
  xKubernetesEmbeddedResource: 'x-kubernetes-embedded-resource',
  xKubernetesIntOrString: 'x-kubernetes-int-or-string',
  xKubernetesListMapKeys: 'x-kubernetes-list-map-keys',
  xKubernetesListType: 'x-kubernetes-list-type',
  xKubernetesMapType: 'x-kubernetes-map-type',
  xKubernetesValidations: 'x-kubernetes-validations',
};

/** Messages in which a name means something else than elsewhere. */
const RENAMED_IN: { readonly [message: string]: { readonly [name: string]: string } } = {
  JSONSchemaProps: { schema: '$schema', ref: '$ref' },
  Validation: { Expression: 'expression' },
  Variable: { Name: 'name', Expression: 'expression' },
};

/** Embedded Go structs: a message on the wire, their fields beside the others in JSON. */
const INLINED: { readonly [message: string]: string } = {
  ConfigMapEnvSource: 'localObjectReference',
  ConfigMapKeySelector: 'localObjectReference',
  ConfigMapProjection: 'localObjectReference',
  ConfigMapVolumeSource: 'localObjectReference',
  SecretEnvSource: 'localObjectReference',
  SecretKeySelector: 'localObjectReference',
  SecretProjection: 'localObjectReference',
  EphemeralContainer: 'ephemeralContainerCommon',
  PersistentVolumeSpec: 'persistentVolumeSource',
  Probe: 'handler',
  Volume: 'volumeSource',
  IngressRule: 'ingressRuleValue',
  NamedRuleWithOperations: 'ruleWithOperations',
  RuleWithOperations: 'rule',
  DeviceAllocationConfiguration: 'deviceConfiguration',
  DeviceClaimConfiguration: 'deviceConfiguration',
  DeviceClassConfiguration: 'deviceConfiguration',
};

function shortName(message: string): string {
  return message.slice(message.lastIndexOf('.') + 1);
}

/** A field's name in JSON. */
export function jsonName(message: string, field: string): string {
  const own = RENAMED_IN[shortName(message)]?.[field];
  return own ?? (Object.hasOwn(RENAMED, field) ? (RENAMED[field] ?? field) : field);
}

/** Whether a field's own fields stand beside it in JSON. */
export function isInlined(message: string, field: string): boolean {
  return INLINED[shortName(message)] === field;
}
