import type { KubernetesObject } from '../../machinery/object.ts';
import { type JsonPath, parseJsonPath, readJsonPath } from '../../machinery/structural/json-path.ts';
import type { Column } from '../../machinery/table.ts';
import { humanAge, parseTime } from '../../machinery/time.ts';
import { nameColumn } from '../columns.ts';
import type { CustomColumn } from './types.ts';

type Cell = string | number | boolean | null;

/** A value as client-go's JSONPath printer writes it. */
function printed(value: unknown): string {
  if (value === null) return '<nil>';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function dateCell(value: unknown, now: number): Cell {
  if (typeof value !== 'string') return null;
  return parseTime(value) === undefined ? '<invalid>' : humanAge(value, now);
}

function cellOf(type: Column['type'], value: unknown, now: number): Cell {
  if (value === undefined) return null;
  switch (type) {
    case 'string':
      return printed(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return dateCell(value, now);
    default:
      return type satisfies never;
  }
}

const NOWHERE: JsonPath = [{ field: '' }];

function columnOf({
  name = '',
  type = 'string',
  format = '',
  description,
  priority = 0,
  jsonPath = '',
}: CustomColumn): Column {
  const parsed = parseJsonPath(jsonPath);
  const path = parsed.ok ? parsed.value : NOWHERE;
  return {
    name,
    type: type as Column['type'],
    format,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
    cell: (object: KubernetesObject, now) => cellOf(type as Column['type'], readJsonPath(object, path)[0], now),
  };
}

const AGE: CustomColumn = {
  name: 'Age',
  type: 'date',
  description: 'When the object was created.',
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of a custom kind: its name and what its definition says; its age where that says nothing. */
export function customColumns(columns: readonly CustomColumn[] = []): readonly Column[] {
  return [nameColumn, ...(columns.length === 0 ? [AGE] : columns).map(columnOf)];
}
