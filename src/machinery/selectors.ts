// One door to the selectors: consumers import from here.
export {
  exactFieldValue,
  type FieldRequirement,
  type FieldSelector,
  matchesFields,
  parseFieldSelector,
  printFieldSelector,
} from './selectors/field-selector.ts';
export {
  type LabelOperator,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorObject,
  type Labels,
  labelSelectorOf,
  matchesLabels,
  newRequirement,
  printLabelSelector,
  selectorFromSet,
} from './selectors/label-selector.ts';
export { parseLabelSelector } from './selectors/parse-label-selector.ts';
