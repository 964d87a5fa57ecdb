import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { catalogue } from '../src/kinds/catalogue.ts';
import { configurationReference } from './configuration-reference.ts';
import { controllerGraph } from './controller-graph.ts';
import { supportMatrix } from './support-matrix.ts';

/** Generated parts of documents: the file, the marker's name, and what stands between the markers. */
const generatedParts = [
  { file: 'README.md', marker: 'support-matrix', render: () => supportMatrix(catalogue) },
  { file: 'docs/configuration.md', marker: 'configuration', render: configurationReference },
  { file: 'ARCHITECTURE.md', marker: 'controller-graph', render: controllerGraph },
];

function replaceBetweenMarkers(text: string, marker: string, body: string): string {
  const pattern = new RegExp(`(<!-- ${marker}:begin[^\\n]*-->\\n)[\\s\\S]*?(<!-- ${marker}:end -->)`);
  if (!pattern.test(text)) throw new Error(`the markers of ${marker} are missing`);
  return text.replace(pattern, (_, begin: string, end: string) => `${begin}${body}${end}`);
}

function main(): number {
  const { values } = parseArgs({ options: { verify: { type: 'boolean' }, update: { type: 'boolean' } } });
  const stale = generatedParts.filter(({ file, marker, render }) => {
    const present = readFileSync(file, 'utf8');
    const wanted = replaceBetweenMarkers(present, marker, render());
    if (values.update && wanted !== present) writeFileSync(file, wanted);
    return wanted !== present;
  });
  if (values.update) return 0;
  for (const { file, marker } of stale) process.stderr.write(`${file}: ${marker} is stale; run npm run update:docs\n`);
  return stale.length === 0 ? 0 : 1;
}

process.exitCode = main();
