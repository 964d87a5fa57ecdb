import { expect, test } from 'vitest';
import type { KubernetesObject } from '../machinery/object.ts';
import { cronJobKind } from './cron-job.ts';
import type { KindDefinition } from './definition.ts';
import { deploymentKind } from './deployment.ts';
import { jobKind } from './job.ts';
import { replicaSetKind } from './replica-set.ts';
import { statefulSetKind } from './stateful-set.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } };
const selector = { matchLabels: { app: 'web' } };

function made(kind: KindDefinition, spec: unknown, status?: unknown): KubernetesObject {
  return kind.applyDefaults({ metadata: { name: 'web' }, spec, status } as KubernetesObject);
}

function sentences(kind: KindDefinition, spec: unknown): readonly string[] {
  return kind.validate(made(kind, spec)).map((error) => `${error.field}: ${error.message}`);
}

function changes(kind: KindDefinition, spec: unknown, old: unknown): readonly string[] {
  return kind.validateUpdate(made(kind, spec), made(kind, old)).map((error) => `${error.field}: ${error.message}`);
}

test('a deployment gets the defaults of upstream', () => {
  expect(made(deploymentKind, { selector, template })).toMatchObject({
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent', resources: {} }] } },
    },
    status: {},
  });
});

test('the selector must be there and be true of the template', () => {
  const labels =
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`';
  expect(sentences(deploymentKind, { template })).toEqual(['spec.selector: Required value', labels]);
  expect(sentences(deploymentKind, { template, selector: {} })).toEqual([
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ]);
  expect(sentences(replicaSetKind, { template, selector: { matchLabels: { app: 'api' } } })).toEqual([labels]);
});

test('strategies and pods of deployments have limits', () => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } };
  const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  expect(
    sentences(deploymentKind, { selector, template: once, strategy, replicas: -1, progressDeadlineSeconds: 0 }),
  ).toEqual([
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    'spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds',
  ]);
});

test('what must not change is refused', () => {
  const other = { matchLabels: { app: 'web', tier: 'x' } };
  expect(changes(deploymentKind, { selector: other, template }, { selector, template })).toEqual([
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"x"}}: field is immutable',
  ]);
  expect(
    changes(statefulSetKind, { selector, template, serviceName: 'b' }, { selector, template, serviceName: 'a' }),
  ).toEqual([
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ]);
});

test('pods of jobs run to their end', () => {
  expect(sentences(jobKind, { template })).toEqual([
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ]);
  const ends = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  const jobTemplate = { spec: { template: ends } };
  expect(sentences(cronJobKind, { schedule: '*/5 * * * *', jobTemplate })).toEqual([]);
  expect(sentences(cronJobKind, { schedule: '* *', jobTemplate })).toEqual([
    'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]',
  ]);
});

test('columns of a deployment', () => {
  const status = { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 };
  const object = made(deploymentKind, { replicas: 2, selector, template }, status);
  expect(deploymentKind.columns.map((column) => [column.name, column.cell(object, NOW)])).toEqual([
    ['Name', 'web'],
    ['Ready', '1/2'],
    ['Up-to-date', 2],
    ['Available', 1],
    ['Age', '<unknown>'],
    ['Containers', 'web'],
    ['Images', 'nginx:1'],
    ['Selector', 'app=web'],
  ]);
});

test('a Job without labels has those of its template, with the ones that its pods are found by', () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { restartPolicy: 'Never', containers: [] } };
  const sent = { metadata: { name: 'j', uid: 'u' }, spec: { template } };
  const made = jobKind.prepareForCreate(jobKind.applyDefaults(sent as object), { now: '2026-01-01T00:00:00Z' });
  expect(made.metadata?.labels).toEqual({
    app: 'x',
    'batch.kubernetes.io/controller-uid': 'u',
    'batch.kubernetes.io/job-name': 'j',
    'controller-uid': 'u',
    'job-name': 'j',
  });
});

test('policies of replacement and retention are ones that there are', () => {
  const job = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
  const field = 'spec.podReplacementPolicy: Unsupported value: "Never": supported values:';
  expect(sentences(jobKind, { ...job, podReplacementPolicy: 'Never' })).toEqual([
    `${field} "Failed", "TerminatingOrFailed"`,
  ]);
  const rules = [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }];
  expect(sentences(jobKind, { ...job, podFailurePolicy: { rules }, podReplacementPolicy: 'Never' })).toEqual([
    `${field} "Failed"`,
  ]);
  const retention = { whenDeleted: 'Keep', whenScaled: 'Delete' };
  expect(sentences(statefulSetKind, { selector, template, persistentVolumeClaimRetentionPolicy: retention })).toEqual([
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
  ]);
});
