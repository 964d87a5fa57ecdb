import type { ObjectMeta } from '../../machinery/object.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import type { WebhookClientConfig } from '../webhook-client-config.ts';

// apiextensions.k8s.io/v1 as it is on the wire; all but metadata may be missing before validation.

/** `CustomResourceDefinitionNames`. */
export interface CustomNames {
  readonly plural?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind?: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

/** `CustomResourceColumnDefinition`. */
export interface CustomColumn {
  readonly name?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath?: string;
}

/** `CustomResourceSubresourceScale`. */
export interface CustomScale {
  readonly specReplicasPath?: string;
  readonly statusReplicasPath?: string;
  readonly labelSelectorPath?: string;
}

/** `CustomResourceSubresources`. */
export interface CustomSubresources {
  readonly status?: object;
  readonly scale?: CustomScale;
}

/** `CustomResourceDefinitionVersion`. */
export interface CustomVersion {
  readonly name?: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
  readonly subresources?: CustomSubresources;
  readonly additionalPrinterColumns?: readonly CustomColumn[];
  readonly selectableFields?: readonly { readonly jsonPath?: string }[];
}

/** `CustomResourceConversion`. */
export interface CustomConversion {
  readonly strategy?: string;
  readonly webhook?: {
    readonly clientConfig?: WebhookClientConfig;
    readonly conversionReviewVersions?: readonly string[];
  };
}

/** `CustomResourceDefinitionCondition`. */
export interface CustomCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** `CustomResourceDefinitionSpec`. */
export interface CustomResourceDefinitionSpec {
  readonly group?: string;
  readonly names?: CustomNames;
  readonly scope?: string;
  readonly versions?: readonly CustomVersion[];
  readonly conversion?: CustomConversion;
  readonly preserveUnknownFields?: boolean;
}

/** `CustomResourceDefinitionStatus`. */
export interface CustomResourceDefinitionStatus {
  readonly conditions?: readonly CustomCondition[];
  readonly acceptedNames?: CustomNames;
  readonly storedVersions?: readonly string[];
  readonly observedGeneration?: number;
}

/** `CustomResourceDefinition`. */
export interface CustomResourceDefinition {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: CustomResourceDefinitionSpec;
  readonly status?: CustomResourceDefinitionStatus;
}
