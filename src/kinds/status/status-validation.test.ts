import { expect, test } from 'vitest';
import type { FieldError } from '../../machinery/field-error.ts';
import { certificateSigningRequestKind } from '../certificates/certificate-signing-request.ts';
import { daemonSetKind } from '../daemon-set.ts';
import { deploymentKind } from '../deployment.ts';
import { ingressKind } from '../ingress.ts';
import { jobKind } from '../job.ts';
import { namespaceKind } from '../namespace.ts';
import { nodeKind } from '../node.ts';
import { persistentVolumeClaimKind } from '../persistent-volume-claim.ts';
import { podKind } from '../pod.ts';
import { podDisruptionBudgetKind } from '../pod-disruption-budget.ts';
import { statefulSetKind } from '../stateful-set.ts';

interface Judge {
  readonly validateThrough?: { readonly [subresource: string]: (object: never, old: never) => readonly FieldError[] };
}

/** What a kind says of a status, as `field: detail`, without the value that is bad. */
function said(
  kind: Judge,
  status: object,
  { old = {}, ...rest }: { readonly old?: object; readonly metadata?: object } = {},
): readonly string[] {
  const found = kind.validateThrough?.['status']?.({ ...rest, status } as never, { ...rest, status: old } as never);
  return (found ?? []).map(
    ({ field, message }) => `${field}: ${message.replace(/^(Forbidden|Invalid value: .*?(?<=["\d}\]])): /, '')}`,
  );
}

test('numbers of workloads are sound in themselves and beside each other', () => {
  const sound = { replicas: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1, collisionCount: 1 };
  expect(said(deploymentKind, sound, { old: sound })).toEqual([]);
  expect(said(deploymentKind, { unavailableReplicas: -1 })).toEqual([
    'status.unavailableReplicas: must be greater than or equal to 0',
  ]);
  expect(said(deploymentKind, { ...sound, replicas: 1, readyReplicas: 0 })).toEqual([
    'status.updatedReplicas: cannot be greater than status.replicas',
    'status.availableReplicas: cannot be greater than readyReplicas',
  ]);
  expect(said(deploymentKind, { replicas: 0 }, { old: sound })).toEqual([
    'status.collisionCount: cannot be decremented',
  ]);
  expect(said(statefulSetKind, { replicas: 1, availableReplicas: 1 })).toEqual([
    'status.availableReplicas: cannot be greater than status.readyReplicas',
  ]);
  expect(said(daemonSetKind, { numberReady: -1, numberAvailable: 5 })).toEqual([
    'status.numberReady: must be greater than or equal to 0',
  ]);
});

test("a pod's addresses, conditions and class are judged, what was there before is not", () => {
  const status = { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.1' }], podIP: '10.42.0.9', qosClass: 'Burstable' };
  expect(said(podKind, status, { old: { qosClass: 'Burstable' } })).toEqual([]);
  expect(said(podKind, { ...status, hostIP: '' })).toContain('status.hostIPs[0].ip: must be equal to `hostIP`');
  expect(said(podKind, { podIP: 'nowhere' }, { old: { podIP: 'nowhere' } })).toEqual([]);
  expect(said(podKind, { podIP: 'nowhere' })).toEqual([
    expect.stringMatching(/^status\.podIPs\[0\]: must be a valid IP/),
  ]);
  const twice = { podIP: '10.42.0.9', podIPs: [{ ip: '10.42.0.9' }, { ip: '10.42.0.10' }] };
  expect(said(podKind, twice)).toEqual(['status.podIPs: may specify no more than one IP for each IP family']);
  expect(said(podKind, { qosClass: 'Guaranteed' }, { old: { qosClass: 'Burstable' } })).toEqual([
    'status.qosClass: field is immutable',
  ]);
  expect(said(podKind, { conditions: [{ type: 'Ready' }, { type: 'example.com/ok' }, { type: '!' }] })).toEqual([
    expect.stringMatching(/^status\.conditions\[2\]\.Type: name part must consist of/),
  ]);
});

test('a condition of meta/v1 has all its parts, and each type stands once', () => {
  const sound = { type: 'A', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Because' };
  expect(said(podDisruptionBudgetKind, { conditions: [sound] })).toEqual([]);
  expect(said(podDisruptionBudgetKind, { conditions: [sound, sound] })).toEqual([
    expect.stringMatching(/^status\.conditions\[1\]\.type: /),
  ]);
  const bare = said(podDisruptionBudgetKind, { conditions: [{ type: 'A' }] }).map((each) => each.split(':')[0]);
  expect(bare).toEqual(['status', 'lastTransitionTime', 'reason'].map((name) => `status.conditions[0].${name}`));
  expect(said(podDisruptionBudgetKind, { conditions: [{ ...sound, reason: '9' }], expectedPods: -1 })).toHaveLength(2);
});

test('a namespace is terminating if and only if it is being deleted', () => {
  const detail = (phase: string, is: string) => [`status.Phase: may only be '${phase}' if \`deletionTimestamp\` ${is}`];
  const going = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(said(namespaceKind, { phase: 'Terminating' }, going)).toEqual([]);
  expect(said(namespaceKind, { phase: 'Active' }, going)).toEqual(detail('Terminating', 'is not empty'));
  expect(said(namespaceKind, { phase: 'Terminating' })).toEqual(detail('Active', 'is empty'));
});

test('addresses of nodes and balancers, and states of resizes, are what they can be', () => {
  const address = { type: 'InternalIP', address: '10.0.0.1' };
  expect(said(nodeKind, { addresses: [address, address] })).toEqual([expect.stringMatching(/^status\.addresses\[1\]/)]);
  const balancer = (ingress: object) => ({ loadBalancer: { ingress: [ingress] } });
  expect(said(ingressKind, balancer({ ip: '10.0.0.1', hostname: 'a.example' }))).toEqual([]);
  expect(said(ingressKind, balancer({ ip: 'x', hostname: '10.0.0.1' }))).toEqual([
    expect.stringMatching(/\.ip: must be a valid IP address/),
    expect.stringMatching(/\.hostname: must be a DNS name, not an IP address/),
  ]);
  const resize = (state: string) => ({ allocatedResourceStatuses: { storage: state } });
  expect(said(persistentVolumeClaimKind, resize('NodeResizePending'))).toEqual([]);
  expect(said(persistentVolumeClaimKind, resize('Resized'))).toHaveLength(1);
});

test('who may write the status of a certificate request decides nothing', () => {
  const approved = { conditions: [{ type: 'Approved', status: 'True' }] };
  expect(said(certificateSigningRequestKind, approved, { old: approved })).toEqual([]);
  expect(said(certificateSigningRequestKind, approved)).toEqual([
    'status.conditions: updates may not add a condition of type "Approved"',
  ]);
});

test('a Job ends once, with everything that goes with it', () => {
  const condition = (...types: readonly string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
  const startTime = '2026-01-01T00:00:00Z';
  const running = { startTime, active: 2, ready: 1 };
  const complete = {
    startTime,
    completionTime: '2026-01-01T00:00:01Z',
    ...condition('SuccessCriteriaMet', 'Complete'),
  };
  expect(said(jobKind, complete, { old: running })).toEqual([]);
  expect(said(jobKind, { ...running, ...condition('Complete', 'Failed') }, { old: running })).toEqual([
    'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.active: active>0 is invalid for finished job',
  ]);
  expect(said(jobKind, { ...running, failed: 1 }, { old: { ...complete, failed: 2 } })).toEqual([
    'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    'status.failed: cannot decrease the failed counter',
    'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
  ]);
  expect(said(jobKind, { ...running, ready: 3, startTime: complete.completionTime }, { old: running })).toEqual([
    'status.ready: cannot set more ready pods than active',
    'status.startTime: field is immutable for unsuspended job once set',
  ]);
});

test('indexes of a Job are counted once', () => {
  const spec = { completionMode: 'Indexed', completions: 4, backoffLimitPerIndex: 1 };
  const job = { spec } as { readonly spec: object; readonly metadata?: object };
  expect(said(jobKind, { completedIndexes: '0,2', failedIndexes: '1' }, job)).toEqual([]);
  expect(said(jobKind, { completedIndexes: '0-2,5', failedIndexes: '1' }, job)).toEqual([
    'status.completedIndexes: error parsing completedIndexes: too large index: "5"',
    'status.failedIndexes: failedIndexes and completedIndexes overlap at index: 1',
  ]);
});
