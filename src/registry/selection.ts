import type { KindDefinition } from '../kinds/definition.ts';
import { type KubernetesObject, keyOf } from '../machinery/object.ts';
import {
  exactFieldValue,
  type FieldSelector,
  type LabelSelector,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../machinery/selectors.ts';
import { badRequest } from '../machinery/status-error.ts';
import { storePrefix } from '../store/store-key.ts';
import { keyFor } from './context.ts';
import type { Selection } from './registry.ts';

/** A selection, ready for use. */
export interface CompiledSelection {
  /** Narrowest store prefix that holds everything selected. */
  readonly prefix: string;
  /** Whether an object below the prefix is selected. */
  readonly matches: (object: KubernetesObject) => boolean;
  /** Whether everything below the prefix is selected. */
  readonly selectsAll: boolean;
}

const METADATA_FIELDS: { readonly [field: string]: (object: KubernetesObject) => string } = {
  'metadata.name': (object) => keyOf(object).name,
  'metadata.namespace': (object) => keyOf(object).namespace,
};

function readerOf(kind: KindDefinition, field: string): (object: KubernetesObject) => string {
  const fields = Object.hasOwn(METADATA_FIELDS, field) ? METADATA_FIELDS : kind.selectableFields;
  const reader = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (reader !== undefined) return reader;
  const usual = `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
  throw badRequest(Object.keys(kind.selectableFields).length === 0 ? usual : `field label not supported: ${field}`);
}

function fieldsOf(kind: KindDefinition, text: string): FieldSelector {
  const parsed = parseFieldSelector(text);
  if (!parsed.ok) throw badRequest(parsed.message);
  for (const { field } of parsed.value) readerOf(kind, field);
  return parsed.value;
}

function labelsOf(text: string): LabelSelector {
  const parsed = parseLabelSelector(text);
  if (parsed.ok) return parsed.value;
  throw badRequest(parsed.message);
}

function prefixOf(kind: KindDefinition, namespace: string | undefined, fields: FieldSelector): string {
  const inside = kind.namespaced ? namespace || exactFieldValue(fields, 'metadata.namespace') : '';
  const name = exactFieldValue(fields, 'metadata.name');
  if (name && (inside || !kind.namespaced)) return keyFor(kind, { namespace: inside ?? '', name });
  return storePrefix(kind, inside);
}

/** Parses a selection's selectors. Throws 400 in upstream's words. */
export function compileSelection(kind: KindDefinition, selection: Selection): CompiledSelection {
  const fields = fieldsOf(kind, selection.fieldSelector ?? '');
  const labels = labelsOf(selection.labelSelector ?? '');
  const readers = new Map(fields.map(({ field }) => [field, readerOf(kind, field)]));
  const selectsAll = fields.length === 0 && labels !== 'nothing' && labels.length === 0;
  return {
    prefix: prefixOf(kind, selection.namespace, fields),
    selectsAll,
    matches: (object) =>
      selectsAll ||
      (matchesLabels(labels, object.metadata?.labels) &&
        matchesFields(fields, (field) => readers.get(field)?.(object) ?? '')),
  };
}
