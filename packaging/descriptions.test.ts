import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDeclaration, readDescriptions } from './descriptions.ts';

const MODULES = join(import.meta.dirname, '../node_modules');

const DECLARATION = `import { Model } from "base";
/**
 * Thing is
 * a thing.
 *
 * Really.
 */
export interface IThing {
    /**
     * What to match: \`/a/*\\/b\`.
     */
    "path"?: string;
    "bare": {
        /**
         * Deep.
         */
        "inner"?: string;
    };
}
/**
 * Thing is
 * a thing.
 *
 * Really.
 */
export declare class Thing extends Model<IThing> implements IThing {
    "path"?: string;
}
export type { IThing as IIoK8sApiCoreV1Thing, Thing as IoK8sApiCoreV1Thing };
`;

test('comments of a declaration become descriptions of the type and of its own fields', () => {
  expect(parseDeclaration(DECLARATION)).toEqual({
    '': 'Thing is\na thing.\n\nReally.',
    path: 'What to match: `/a/*/b`.',
  });
});

test('types are found by the names of their schemas, in all packages', () => {
  const names = ['io.k8s.api.apps.v1.DeploymentSpec', 'io.k8s.apimachinery.pkg.apis.meta.v1.Time', 'io.example.None'];
  const descriptions = readDescriptions(MODULES, names);
  expect(Object.keys(descriptions)).toEqual([names[0], names[1]].sort());
  expect(descriptions['io.k8s.api.apps.v1.DeploymentSpec']).toMatchObject({
    '': expect.stringContaining('specification of the desired behavior'),
    template: expect.stringContaining('pods that will be created'),
    replicas: expect.any(String),
  });
});

test('without the packages nothing is described', () => {
  expect(readDescriptions('/nonexistent', ['io.k8s.api.core.v1.Pod'])).toEqual({});
});
