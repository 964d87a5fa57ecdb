import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../../kinds/flowcontrol/mandatory.ts';
import type { BuiltIn } from './built-in.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

/** What upstream says of a schema whose level is there. */
const FOUND = {
  conditions: [
    {
      type: 'Dangling',
      status: 'False',
      reason: 'Found',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named',
    },
  ],
};

function flowSchema(name: string, spec: NonNullable<(typeof mandatoryFlowSchemas)[string]>): BuiltIn {
  const level = spec.priorityLevelConfiguration?.name;
  const conditions = FOUND.conditions.map((condition) => ({
    ...condition,
    message: `${condition.message} "${level}" and it exists`,
  }));
  return {
    resource: `${GROUP}/flowschemas`,
    object: { metadata: { name, annotations }, spec, status: { conditions } },
  };
}

/** The mandatory levels and schemas. */
export const flowControlObjects: readonly BuiltIn[] = [
  ...Object.entries(mandatoryPriorityLevels).map(([name, spec]) => ({
    resource: `${GROUP}/prioritylevelconfigurations`,
    object: { metadata: { name, annotations }, spec },
  })),
  ...Object.entries(mandatoryFlowSchemas).map(([name, spec]) => flowSchema(name, spec)),
];
