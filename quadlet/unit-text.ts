import type { UnitFile, UnitLine, UnitSection } from './unit-file.ts';

/** A line that is neither a section, a comment nor `key=value`. `line` counts from 1. */
export class UnitSyntaxError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(`line ${line}: ${message}`);
    this.name = 'UnitSyntaxError';
    this.line = line;
  }
}

/**
 * Reads a unit file (systemd.syntax(7)). Comments and blank lines are kept where they stand; continuation lines
 * are joined as Quadlet joins them (comments between them are dropped). Throws UnitSyntaxError.
 */
export function parseUnit(text: string): UnitFile {
  const sections: { name: string; lines: UnitLine[] }[] = [];
  for (const { content, number } of logicalLines(text)) {
    const header = /^\[([^[\]]+)\]$/.exec(content);
    if (header?.[1] !== undefined) {
      sections.push({ name: header[1], lines: [] });
      continue;
    }
    const line = parseLine(content, number);
    if (sections.length === 0) {
      if (line.kind === 'setting') {
        throw new UnitSyntaxError(`"${content}" stands before the first section`, number);
      }
      sections.push({ name: '', lines: [] });
    }
    sections.at(-1)?.lines.push(line);
  }
  return { sections };
}

/** The file's text. `parseUnit(serializeUnit(unit))` is `unit`. */
export function serializeUnit(unit: UnitFile): string {
  return unit.sections.map(serializeSection).join('');
}

function serializeSection(section: UnitSection): string {
  const header = section.name === '' ? '' : `[${section.name}]\n`;
  return header + section.lines.map((line) => `${serializeLine(line)}\n`).join('');
}

function serializeLine(line: UnitLine): string {
  return line.kind === 'comment' ? line.text : `${line.key}=${line.value}`;
}

function parseLine(content: string, number: number): UnitLine {
  if (isComment(content)) {
    return { kind: 'comment', text: content };
  }
  const [, key, value] = /^([^=]*[^=\s])\s*=\s*(.*)$/s.exec(content) ?? [];
  if (key === undefined || value === undefined) {
    throw new UnitSyntaxError(`"${content}" is not a section, a comment or key=value`, number);
  }
  return { kind: 'setting', key, value };
}

function isComment(line: string): boolean {
  return line === '' || line.startsWith('#') || line.startsWith(';');
}

function* logicalLines(text: string): Generator<{ readonly content: string; readonly number: number }> {
  const lines = text.replace(/\n$/, '').split('\n');
  let pending = '';
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (pending !== '' && isComment(line)) {
      continue;
    }
    const last = index === lines.length - 1;
    if (line.endsWith('\\') && !isComment(line) && !last) {
      pending += line.slice(0, -1);
      continue;
    }
    if (text !== '') {
      yield {
        content: pending + (line.endsWith('\\') && !isComment(line) ? line.slice(0, -1) : line),
        number: index + 1,
      };
    }
    pending = '';
  }
}
