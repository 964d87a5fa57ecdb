import type * as Yaml from 'yaml';

/** A YAML text's value, with a sentence for each key that stands twice in one map (the last one counts). */
export type ParsedYaml =
  | { readonly ok: true; readonly value: unknown; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Parses one YAML document. */
export async function parseYamlStrict(text: string): Promise<ParsedYaml> {
  const yaml = await import('yaml');
  try {
    const lines = new yaml.LineCounter();
    // The library's own check for unique keys compares every key with every other one.
    const document = yaml.parseDocument(text, { uniqueKeys: false, lineCounter: lines });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value = document.toJS({ maxAliasCount: 100 }) as unknown;
    return { ok: true, value, duplicates: findDuplicates(yaml, document, lines) };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    return { ok: false, message: `error converting YAML to JSON: yaml: ${reason}` };
  }
}

/** Upstream's YAML library counts lines from 1: `line 3: key "name" already set in map`. */
function findDuplicates(yaml: typeof Yaml, document: Yaml.Document, lines: Yaml.LineCounter): readonly string[] {
  const found: string[] = [];
  yaml.visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!yaml.isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name))
          found.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key "${name}" already set in map`);
        seen.add(name);
      }
    },
  });
  return found;
}
