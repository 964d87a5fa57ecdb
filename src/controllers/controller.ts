import type { KindDefinition } from '../kinds/definition.ts';
import type { Registry } from '../registry/registry.ts';

/** One change of a stored object, in log order. */
export type ObjectChange = Parameters<Parameters<Registry['subscribe']>[1]>[0][number];

/** A kind that a controller reads, and which keys a change of one of its objects concerns. */
export interface ControllerInput {
  /** `<group>/<plural>`; `/pods` for the core group. */
  readonly resource: string;
  readonly keys: (change: ObjectChange) => readonly string[];
}

/** Something a controller writes: `/pods#status.podIP`, `unit-files`, … `exclusive` has one writer in the process. */
export interface ControllerOutput {
  readonly what: string;
  readonly mode: 'exclusive' | 'shared';
}

/** Look at this key again after a delay even if nothing changes. */
export interface Requeue {
  readonly afterMs: number;
}

/**
 * A controller: declared inputs and outputs, and one reconciliation per key. Reconciliations of one key never overlap.
 * Nothing in its memory may be needed: it can be restarted at any point.
 */
export interface Controller {
  readonly name: string;
  readonly inputs: readonly ControllerInput[];
  /**
   * Inputs beyond the named ones: asked for each kind of the catalogue once per resource, also for those that come
   * later; undefined for a kind of no interest.
   */
  readonly everyKind?: (definition: KindDefinition) => ControllerInput['keys'] | undefined;
  readonly outputs: readonly ControllerOutput[];
  /** Reconciliations of different keys at a time; 1 unless given. */
  readonly concurrency?: number;
  /** Keys beyond those of the stored inputs that want a look at start-up and at a resync. */
  readonly extraKeys?: () => Promise<readonly string[]>;
  /** Driver hints: calls `enqueue` until aborted. Hints are reasons to look, never facts. */
  readonly hints?: (enqueue: (key: string) => void, signal: AbortSignal) => void;
  /** Gather → plan → apply. A rejection is retried with back-off. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Requeue | undefined>;
}

/** Structured log of the controllers; pino fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
