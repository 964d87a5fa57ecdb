import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectOf } from '../kinds/arbitrary-object.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import { createFakeRegistry } from './fake-registry.ts';
import type { PatchRequest } from './registry.ts';

const NAMESPACE = 'shop';
const RUNS = 12;

/** The kind with its schema and nothing else: no rule refuses, fills in or takes away anything. */
function bare(kind: KindDefinition): KindDefinition {
  return {
    ...kind,
    nameRule: 'path-segment',
    subresources: [],
    requiresVersion: false,
    applyDefaults: (object) => object,
    prepareForCreate: (object) => object,
    prepareForUpdate: (object) => object,
    validate: () => [],
    validateUpdate: () => [],
    warnings: () => [],
    deletionGraceSeconds: () => 0,
  };
}

/** What a client said, of what came back. */
function said({ metadata = {}, ...rest }: KubernetesObject): object {
  return { ...rest, labels: metadata.labels };
}

const PATCHES: readonly PatchRequest['type'][] = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The object after a patch of an empty one; undefined where the generated lists have no keys to be merged by. */
async function patchedWith(kind: KindDefinition, type: PatchRequest['type'], body: object) {
  const registry = createFakeRegistry([kind], { admission: [] });
  const key = { namespace: kind.namespaced ? NAMESPACE : '', name: 'example' };
  await registry.create(kind, { metadata: { name: 'example' } }, { namespace: key.namespace });
  try {
    return said((await registry.patch(kind, key, { type, body, force: true }, { fieldManager: 'me' })).entry.object);
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 400) return undefined;
    throw error;
  }
}

const kinds = catalogue.filter((kind) => !kind.virtual && kind.kind !== 'Namespace');

test.each(kinds.map((kind) => [`${kind.kind}.${kind.group}/${kind.version}`, kind] as const))(
  'every field of %s comes back as it was sent, however it was sent',
  async (_, definition) => {
    const kind = bare({ ...definition, view: undefined });
    const type = { apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind };
    await fc.assert(
      fc.asyncProperty(objectOf(kind.schema, { sound: true }), async (generated) => {
        const { labels } = generated.metadata ?? {};
        const sent = {
          ...generated,
          ...type,
          metadata: { name: 'example', ...(labels ? { labels: { a: 'b' } } : {}) },
        };
        const registry = createFakeRegistry([kind], { admission: [] });
        const namespace = kind.namespaced ? NAMESPACE : '';
        const created = await registry.create(kind, sent, { namespace });
        const expected = said(created.entry.object);
        const again = await registry.update(kind, { namespace, name: 'example' }, created.entry.object);
        expect(said(again.entry.object)).toEqual(expected);
        for (const patch of PATCHES)
          expect([patch, (await patchedWith(kind, patch, sent)) ?? expected]).toEqual([patch, expected]);
      }),
      { numRuns: RUNS },
    );
  },
);
