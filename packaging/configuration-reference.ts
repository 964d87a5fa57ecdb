import { configSchema } from '../src/config/schema.ts';

/** Every setting with its default and its environment variable, as a Markdown table. */
export function configurationReference(): string {
  const rows = settings(configSchema.parse({})).map(([path, value]) => {
    // Settings with keys of their own don't fit into a variable.
    if (typeof value === 'object') return `| \`${path.join('.')}\` | \`${JSON.stringify(value)}\` | |`;
    const variable = `QUADSHIFT_${path.map((key) => key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()).join('_')}`;
    return `| \`${path.join('.')}\` | \`${JSON.stringify(value)}\` | \`${variable}\` |`;
  });
  return ['', '| Setting | Default | Environment |', '|---|---|---|', ...rows, '', ''].join('\n');
}

function settings(value: object, prefix: readonly string[] = []): [string[], unknown][] {
  return Object.entries(value).flatMap(([key, child]): [string[], unknown][] =>
    typeof child === 'object' && child !== null && Object.keys(child).length > 0
      ? settings(child, [...prefix, key])
      : [[[...prefix, key], child]],
  );
}
