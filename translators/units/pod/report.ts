import type { Diagnostic } from '../../host-file.ts';

/** Collects what could not be done as asked. */
export interface Report {
  readonly diagnostics: Diagnostic[];
  refuse(field: string, message: string): void;
  approximate(field: string, message: string): void;
  block(field: string, message: string): void;
  /** A container that can't be started as things are. */
  unstartable(container: string, message: string): void;
}

/** An empty report. The same finding is told once. */
export function createReport(): Report {
  const diagnostics: Diagnostic[] = [];
  const tell = (severity: Diagnostic['severity']) => (field: string, message: string) => {
    if (!diagnostics.some((known) => known.field === field && known.message === message)) {
      diagnostics.push({ severity, field, message });
    }
  };
  return {
    diagnostics,
    refuse: tell('refused'),
    approximate: tell('approximated'),
    block: tell('blocked'),
    unstartable: tell('unstartable'),
  };
}

/** Fields that are knowingly not supported, by name, with the sentence that says so. */
export type UnsupportedFields = { readonly [field: string]: unknown };

/**
 * Refuses each of the fields that is asked for; one that is absent, false, zero or empty asks for nothing.
 * Used with exhaustive destructuring, so that a field that nobody handles is a compile error.
 */
export function refuseUnsupported(report: Report, path: string, fields: UnsupportedFields): void {
  for (const [field, value] of Object.entries(fields)) {
    if (isAsked(value)) {
      report.refuse(join(path, field), 'is not supported yet');
    }
  }
}

/** Whether a field's value asks for anything. */
export function isAsked(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).some((part) => part !== undefined);
  }
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}
