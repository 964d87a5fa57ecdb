import type { KindDefinition } from '../src/kinds/definition.ts';
import { apiVersionOf } from '../src/machinery/object.ts';

/** The support matrix as a Markdown table: one row a kind, in the order of group and name. */
export function supportMatrix(catalogue: readonly KindDefinition[]): string {
  const rows = [...catalogue]
    .sort((a, b) => compare(`${a.group} ${a.kind}`, `${b.group} ${b.kind}`))
    .map((kind) => {
      const subresources = kind.subresources.map((s) => `\`${s.name}\``).join(' ');
      const cells = [kind.kind, `\`${apiVersionOf(kind)}\``, kind.support.level, subresources, kind.support.note];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
  return ['', '| Kind | API | Support | Subresources | Note |', '|---|---|---|---|---|', ...rows, '', ''].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
