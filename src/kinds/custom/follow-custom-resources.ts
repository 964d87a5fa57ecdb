import type { LiveCatalogue } from '../live-catalogue.ts';
import { definitionsOfCustomResource } from './definition-of-custom-resource.ts';
import type { CustomResourceDefinition } from './types.ts';

/** Where definitions come from. */
export interface DefinitionSource {
  readonly list: () => readonly CustomResourceDefinition[];
  /** Calls back with every change, in order, as soon as it is stored. */
  readonly subscribe: (changed: (definition: CustomResourceDefinition, gone: boolean) => void) => void;
}

/** What of a definition makes its kinds; anything else may change without a new kind. */
function essence({ spec, status }: CustomResourceDefinition): string {
  const conditions = status?.conditions?.map(({ type, status: is }) => `${type}=${is}`);
  return JSON.stringify([spec, status?.acceptedNames, status?.storedVersions, conditions]);
}

/** Keeps the kinds of custom resources in the catalogue, from now on. */
export function followCustomResources(source: DefinitionSource, catalogue: LiveCatalogue): void {
  const known = new Map<string, string>();
  const apply = (definition: CustomResourceDefinition, gone: boolean): void => {
    const name = definition.metadata?.name ?? '';
    const text = gone ? '' : essence(definition);
    if (known.get(name) === text) return;
    known.set(name, text);
    if (gone) known.delete(name);
    catalogue.set(name, gone ? [] : definitionsOfCustomResource(definition));
  };
  source.subscribe(apply);
  for (const definition of source.list()) apply(definition, false);
}
