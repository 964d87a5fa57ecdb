import type { Parsed } from '../machinery/parsed.ts';
import { labelSelectorOf, type LabelSelector as Requirements } from '../machinery/selectors.ts';
import type { LabelSelector, Sparse } from './types.ts';

/** The requirements of a selector that was not validated yet: missing keys and operators read as ''. */
export function parseDraftSelector(selector: Sparse<LabelSelector> | undefined): Parsed<Requirements> {
  if (!selector) return labelSelectorOf(undefined);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return labelSelectorOf({
    matchLabels,
    matchExpressions: matchExpressions.map(({ key = '', operator = '', values = [] }) => ({ key, operator, values })),
  });
}
