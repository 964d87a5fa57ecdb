// One door to the selectors: consumers import from here.
export {
  exactFieldValue,
  type FieldSelector,
  matchesFields,
  parseFieldSelector,
  printFieldSelector,
} from './selectors/field-selector.ts';
export {
  type LabelOperator,
  type LabelSelector,
  type LabelSelectorObject,
  labelSelectorOf,
  matchesLabels,
  printLabelSelector,
  selectorFromSet,
} from './selectors/label-selector.ts';
export { parseLabelSelector } from './selectors/parse-label-selector.ts';
