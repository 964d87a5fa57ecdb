import { semanticEqual } from '../../machinery/deep.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { DynamicRequest } from '../plugin.ts';

/** Which of the hooks of one kind are asked again in the second round. */
interface Memory {
  /** Hooks that want to be asked again, and were asked since the object last changed. */
  readonly invoked: Set<string>;
  /** Hooks that are to be asked again: the object has changed since. */
  readonly pending: Set<string>;
  output?: KubernetesObject;
}

/** The part of one kind of hooks in the rounds of a write. */
export interface Reinvocation {
  /** In the first round everybody is asked; in the second those whose object was changed since. */
  readonly shouldInvoke: (hook: string) => boolean;
  /** A hook has changed the object: those before it may want to see it again. */
  readonly changed: () => void;
  /** A hook wants to be asked again when the object changes. */
  readonly remember: (hook: string) => void;
  /** What the last hook made. */
  readonly finish: (object: KubernetesObject) => void;
}

function repeatInvoked({ invoked, pending }: Memory): void {
  for (const hook of invoked) pending.add(hook);
  invoked.clear();
}

/** The reinvocation of one kind of hooks, as upstream does it: the second round is the last. */
export function reinvocationOf({ round, object }: DynamicRequest, kind: string): Reinvocation {
  const known = round.memory.get(kind) as Memory | undefined;
  const memory: Memory = known ?? { invoked: new Set(), pending: new Set() };
  round.memory.set(kind, memory);
  if (round.isSecond && !semanticEqual(memory.output, object)) repeatInvoked(memory);
  return {
    shouldInvoke: (hook) => !round.isSecond || memory.pending.has(hook),
    changed: () => {
      repeatInvoked(memory);
      round.repeat();
    },
    remember: (hook) => memory.invoked.add(hook),
    finish: (output) => {
      memory.output = output;
    },
  };
}
