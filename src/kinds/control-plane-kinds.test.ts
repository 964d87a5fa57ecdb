import { describe, expect, it } from 'vitest';
import { validatingAdmissionPolicyBindingKind } from './admission-registration/admission-policy-binding.ts';
import { mutatingAdmissionPolicyKind } from './admission-registration/mutating-admission-policy.ts';
import { validatingAdmissionPolicyKind } from './admission-registration/validating-admission-policy.ts';
import { validatingWebhookConfigurationKind } from './admission-registration/webhook-configuration.ts';
import { apiServiceKind } from './aggregation/api-service.ts';
import { encodeBase64 } from './base64.ts';
import { certificateSigningRequestKind } from './certificates/certificate-signing-request.ts';
import { deviceClassKind } from './dynamic-resources/device-class.ts';
import { resourceClaimKind } from './dynamic-resources/resource-claim.ts';
import { resourceSliceKind } from './dynamic-resources/resource-slice.ts';
import { findingsOf, rowOf, updateFindingsOf } from './findings-of.ts';
import { flowSchemaKind } from './flowcontrol/flow-schema.ts';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './flowcontrol/mandatory.ts';
import { priorityLevelConfigurationKind } from './flowcontrol/priority-level-configuration.ts';
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';

describe('a CertificateSigningRequest', () => {
  const request = encodeBase64('-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n');
  const sound = { request, signerName: 'example.com/a', usages: ['client auth'] };
  const decided = (...types: string[]) => ({
    spec: sound,
    status: { conditions: types.map((type) => ({ type, status: 'True' })) },
  });

  it.each([
    [{}, []],
    [
      { request: encodeBase64('x') },
      ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'],
    ],
    [{ usages: [] }, ['spec.usages: Required value']],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      [
        'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
      ],
    ],
    [
      { signerName: 'mine' },
      [
        `spec.signerName: Invalid value: "mine": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
      ],
    ],
    [
      { expirationSeconds: 60 },
      ['spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
  ])('%j', (spec, findings) => {
    expect(findingsOf(certificateSigningRequestKind, { spec: { ...sound, ...spec } })).toEqual(findings);
  });

  it('keeps what was decided', () => {
    expect(updateFindingsOf(certificateSigningRequestKind, decided(), decided('Approved'))).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
    const both = certificateSigningRequestKind
      .validate(decided('Approved', 'Denied') as object)
      .map(({ message }) => message);
    expect(both).toEqual(['Invalid value: "Denied": Approved and Denied conditions are mutually exclusive']);
  });

  it('shows how far it is', () => {
    const condition = (object: object) => rowOf(certificateSigningRequestKind, object)['Condition'];
    const issued = { status: { ...decided('Approved').status, certificate: 'x' } };
    expect([decided(), decided('Denied'), decided('Approved', 'Failed'), issued].map(condition)).toEqual([
      'Pending',
      'Denied',
      'Approved,Failed',
      'Approved,Issued',
    ]);
  });
});

describe('flow control', () => {
  it('accepts what every cluster has, and nothing else under those names', () => {
    for (const [name, spec] of Object.entries(mandatoryFlowSchemas)) {
      expect(findingsOf(flowSchemaKind, { metadata: { name }, spec })).toEqual([]);
    }
    for (const [name, spec] of Object.entries(mandatoryPriorityLevels)) {
      expect(findingsOf(priorityLevelConfigurationKind, { metadata: { name }, spec })).toEqual([]);
    }
    const spec = { ...mandatoryFlowSchemas['catch-all'], matchingPrecedence: 9000 };
    expect(findingsOf(flowSchemaKind, { metadata: { name: 'catch-all' }, spec })).toMatchObject([
      expect.stringMatching(/^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/),
    ]);
  });

  it('says what is wrong with rules and queues', () => {
    const rules = [
      { subjects: [{ kind: 'User' }], nonResourceRules: [{ verbs: ['get', '*'], nonResourceURLs: ['health'] }] },
    ];
    expect(findingsOf(flowSchemaKind, { spec: { rules } })).toEqual([
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
      `spec.rules[0].nonResourceRules[0].verbs: Invalid value: ["get","*"]: if '*' is present, must not specify other verbs`,
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "health": must start with slash',
    ]);
    const limitResponse = { type: 'Queue', queuing: { queues: 4, handSize: 5 } };
    expect(
      findingsOf(priorityLevelConfigurationKind, { spec: { type: 'Limited', limited: { limitResponse } } }),
    ).toEqual(['spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)']);
  });
});

describe('dynamic resources', () => {
  const claim = (...requests: object[]) => ({ spec: { devices: { requests } } });

  it('are requested exactly or as alternatives', () => {
    expect(
      findingsOf(resourceClaimKind, claim({ name: 'a' }, { name: 'a', exactly: { deviceClassName: 'x', count: -1 } })),
    ).toEqual([
      'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      'spec.devices.requests[1].exactly.count: Invalid value: -1: must be greater than zero',
      'spec.devices.requests[1]: Duplicate value: "a"',
    ]);
  });

  it('show their state', () => {
    const state = (object: object) => rowOf(resourceClaimKind, object)['State'];
    const reserved = { status: { allocation: {}, reservedFor: [{ uid: '1' }] } };
    const going = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect([{}, reserved, going, { ...reserved, ...going }].map(state)).toEqual([
      'pending',
      'allocated,reserved',
      'deleted',
      'deleted,allocated,reserved',
    ]);
  });

  it('are in one place', () => {
    const spec = { driver: 'a.b', pool: { name: 'p', resourceSliceCount: 1 } };
    const places = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
    expect(findingsOf(resourceSliceKind, { spec })).toEqual([`spec: Required value: ${places}`]);
    expect(findingsOf(resourceSliceKind, { spec: { ...spec, nodeName: 'n', allNodes: true } })).toEqual([
      `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${places}, but multiple fields are set`,
    ]);
  });

  it('have classes with selectors in CEL', () => {
    expect(findingsOf(deviceClassKind, { spec: { selectors: [{}], extendedResourceName: 'cpu' } })).toEqual([
      'spec.selectors[0].cel: Required value',
      'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
    ]);
  });
});

describe('admission policies', () => {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  const matchConstraints = { resourceRules: [rule] };

  it('check something, about something', () => {
    const nothing = 'validations or auditAnnotations must contain at least one item';
    expect(findingsOf(validatingAdmissionPolicyKind, { metadata: { name: 'p' }, spec: {} })).toEqual([
      'spec.matchConstraints: Required value',
      `spec.validations: Required value: ${nothing}`,
      `spec.auditAnnotations: Required value: ${nothing}`,
    ]);
    const spec = {
      matchConstraints,
      variables: [{ name: 'for', expression: '1' }],
      validations: [{ expression: ' ', message: 'a\nb', reason: 'Odd' }],
    };
    expect(findingsOf(validatingAdmissionPolicyKind, { metadata: { name: 'p' }, spec })).toEqual([
      'spec.variables[0].name: Invalid value: "for": must be a valid CEL identifier',
      'spec.validations[0].expression: Required value: expression is not specified',
      'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ]);
  });

  it('know no rule beside a wildcard', () => {
    const resourceRules = [{ ...rule, operations: ['*', 'CREATE'], resources: ['pods/*', 'pods/status'] }];
    const spec = { matchConstraints: { resourceRules }, validations: [{ expression: 'true' }] };
    expect(findingsOf(validatingAdmissionPolicyKind, { metadata: { name: 'p' }, spec })).toEqual([
      `spec.matchConstraints.resourceRules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      `spec.matchConstraints.resourceRules[0].resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
    ]);
  });

  it('change something in one way', () => {
    const mutations = [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'x' } }];
    const spec = { matchConstraints, reinvocationPolicy: 'Never', mutations };
    expect(findingsOf(mutatingAdmissionPolicyKind, { spec })).toEqual([
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ]);
  });

  it('are put to work by bindings that say what happens', () => {
    expect(
      findingsOf(validatingAdmissionPolicyBindingKind, { spec: { paramRef: {}, validationActions: ['Deny', 'Warn'] } }),
    ).toEqual([
      'spec.policyName: Required value',
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ]);
    const bound = { spec: { policyName: 'p', paramRef: { namespace: 'a', name: 'b' } } };
    expect(rowOf(validatingAdmissionPolicyBindingKind, bound)).toMatchObject({ PolicyName: 'p', ParamRef: 'a/b' });
  });
});

it('webhooks are called over HTTPS, by a full name, and without side effects', () => {
  const webhooks = [
    { name: 'a.b', clientConfig: { url: 'http://u@h/p?q#f' }, sideEffects: 'Some', timeoutSeconds: 60 },
  ];
  const form = '; desired format: https://host[/path]';
  expect(findingsOf(validatingWebhookConfigurationKind, { webhooks })).toEqual([
    'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
    'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    'webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds',
    `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme${form}`,
    'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
    'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
    'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
    'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
  ]);
});

it('an APIService is named after its version and group', () => {
  const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 };
  expect(findingsOf(apiServiceKind, { metadata: { name: 'x' }, spec })).toEqual([
    'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.a.b"',
  ]);
  const available = { status: { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] } };
  expect(rowOf(apiServiceKind, { spec: { service: { namespace: 'n', name: 's' } }, ...available })).toMatchObject({
    Service: 'n/s',
    Available: 'False (MissingEndpoints)',
  });
});

describe('an autoscaler', () => {
  const autoscaler = (spec: object) => ({
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, ...spec },
  });

  it.each([
    [
      { type: 'Resource' },
      ['spec.metrics[0].resource: Required value: must populate information for the given metric source'],
    ],
    [
      { type: 'Memory' },
      [
        'spec.metrics[0].type: Unsupported value: "Memory": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      ],
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
      [
        'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
      ],
    ],
    [
      { type: 'Pods', pods: { metric: {}, target: { type: 'AverageValue', averageValue: '0' } } },
      [
        'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
        'spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive',
        'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
      ],
    ],
  ])('%j', (metric, findings) => {
    expect(findingsOf(horizontalPodAutoscalerKind, autoscaler({ metrics: [metric] }))).toEqual(findings);
  });

  it('has bounds to its behaviour', () => {
    const behavior = {
      scaleUp: { stabilizationWindowSeconds: 4000, policies: [{ type: 'Pods', value: 0, periodSeconds: 1 }] },
    };
    expect(findingsOf(horizontalPodAutoscalerKind, autoscaler({ behavior }))).toEqual([
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    ]);
  });
});
