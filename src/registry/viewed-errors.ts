import type { ViewKind } from '../kinds/view.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { Registry } from './registry.ts';

/** An error about the stored kind as one about the view: with the view's group. */
function restate({ group, view }: ViewKind, error: unknown): unknown {
  if (!(error instanceof StatusError)) return error;
  const { status } = error;
  const kind = status.details?.kind;
  if (kind !== view.of.plural && kind !== view.of.kind) return error;
  const message = status.message?.replace(`${kind} "`, `${kind}.${group} "`);
  return new StatusError({ ...status, message, details: { ...status.details, group } }, { cause: error });
}

/** The registry, with its errors in terms of the view. */
export function restating(kind: ViewKind, registry: Registry): Registry {
  const reading = <A extends unknown[], R>(work: (...call: A) => R) => {
    return (...call: A): R => {
      try {
        return work(...call);
      } catch (error) {
        throw restate(kind, error);
      }
    };
  };
  const writing = <A extends unknown[], R>(work: (...call: A) => Promise<R>) => {
    return async (...call: A): Promise<R> => {
      try {
        return await work(...call);
      } catch (error) {
        throw restate(kind, error);
      }
    };
  };
  return {
    ...registry,
    get catalogue() {
      return registry.catalogue;
    },
    get revision() {
      return registry.revision;
    },
    get: reading(registry.get),
    list: reading(registry.list),
    watch: reading(registry.watch),
    create: writing(registry.create),
    update: writing(registry.update),
    patch: writing(registry.patch),
    delete: writing(registry.delete),
    deleteCollection: writing(registry.deleteCollection),
  };
}
