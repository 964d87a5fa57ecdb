import { type Overload, overload } from '../overload.ts';

/** Kubernetes' JSON patch library, for expressions that make patches. */
export const jsonPatches: readonly Overload[] = [
  overload('jsonpatch::escapeKey(string): string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')),
];
