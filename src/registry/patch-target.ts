import type { KindDefinition } from '../kinds/definition.ts';
import type { ObjectKey } from '../machinery/object.ts';
import type { PatchRequest, WriteOptions } from './registry.ts';

/** A patch and what it is for. */
export interface PatchTarget {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly patch: PatchRequest;
  readonly options: WriteOptions;
}
