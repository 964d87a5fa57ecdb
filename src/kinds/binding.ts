import { defineKind } from './define-kind.ts';

/** v1 Binding: what a scheduler decided, sent to the collection instead of the pod's own subresource. */
export const bindingKind = defineKind({
  kind: 'Binding',
  verbs: ['create'],
  virtual: true,
  support: { level: 'full', note: 'Binds the pod of its name; never stored.' },
});
