import { child, forbiddenField, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import { validateLabels } from '../machinery/names.ts';
import { matchesLabels } from '../machinery/selectors.ts';
import { parseDraftSelector } from './label-selector.ts';
import { validatePodSpec } from './pod-spec/pod-spec-validation.ts';
import type { LabelSelector, PodTemplateSpec, Sparse } from './types.ts';
import { type Findings, isEmptySelector, validateLabelSelector } from './validation.ts';

type Template = Sparse<PodTemplateSpec> | undefined;
type Selector = Sparse<LabelSelector> | undefined;

/** `ValidatePodTemplateSpec`. */
export function validateTemplate(template: Template, path: string): Findings {
  if (!template) return [required(path)];
  const ephemeral = template.spec?.ephemeralContainers ?? [];
  const specPath = child(path, 'spec');
  return [
    ...validateLabels(template.metadata?.labels, child(path, 'labels')),
    ...validatePodSpec(template.spec ?? {}, specPath),
    ...(ephemeral.length > 0
      ? [forbiddenField(child(specPath, 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}

/** Templates of workloads whose pods run forever. `owner` names the kind in one of the sentences. */
export function validateLongRunningTemplate(template: Template, path: string, owner: string): Findings {
  const spec = template?.spec;
  const restartPolicy = spec?.restartPolicy ?? '';
  const deadline = child(path, 'spec', 'activeDeadlineSeconds');
  return [
    ...validateTemplate(template, path),
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported(child(path, 'spec', 'restartPolicy'), restartPolicy, ['Always'])]),
    ...(spec?.activeDeadlineSeconds === undefined
      ? []
      : [forbiddenField(deadline, `activeDeadlineSeconds in ${owner} is not Supported`)]),
  ];
}

function validateMatch(selector: Selector, template: Template, path: string): Findings {
  const parsed = parseDraftSelector(selector);
  if (!parsed.ok) return [invalidValue(child(path, 'selector'), selector, 'invalid label selector')];
  const labels = template?.metadata?.labels;
  if (matchesLabels(parsed.value, labels)) return [];
  const detail = '`selector` does not match template `labels`';
  return [invalidValue(child(path, 'template', 'metadata', 'labels'), labels ?? null, detail)];
}

/** A selector that is there and true of the template's labels. */
export function validateSelectorOf(selector: Selector, template: Template): Findings {
  const path = 'spec';
  const selectorPath = child(path, 'selector');
  return [
    ...(selector ? validateLabelSelector(selector, selectorPath) : [required(selectorPath)]),
    ...validateMatch(selector, template, path),
  ];
}

/** What a workload's selector must be: there, not empty, and true of the template's labels. `owner` is the kind as upstream says it. */
export function validateOwnSelector(selector: Selector, template: Template, owner: string): Findings {
  const path = 'spec';
  const selectorPath = child(path, 'selector');
  const empty = selector && isEmptySelector(selector);
  return [
    ...(selector ? validateLabelSelector(selector, selectorPath) : [required(selectorPath)]),
    ...(empty ? [invalidValue(selectorPath, selector, `empty selector is invalid for ${owner}`)] : []),
    ...validateMatch(selector, template, path),
  ];
}
