import type { JsonObject } from '../../machinery/object.ts';
import type { Schema as AnySchema } from '../../machinery/schema/schema.ts';

/** A schema of the OpenAPI v3 document, as data. */
export interface Schema extends AnySchema {
  readonly properties?: { readonly [name: string]: Schema };
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly 'x-kubernetes-unions'?: readonly JsonObject[];
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}
