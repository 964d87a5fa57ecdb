import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type DescriptionSource, type Descriptions, UNDESCRIBED } from '../server/openapi/descriptions.ts';

/**
 * The descriptions that packaging has put beside the bundle; none where there is no such file. Their version is the
 * file's size: two that differ in nothing else are of the same release.
 */
export function openDescriptions(path: URL): DescriptionSource {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return UNDESCRIBED;
  return { version: String(size), read: async () => JSON.parse(await readFile(path, 'utf8')) as Descriptions };
}
