import { expect, test } from 'vitest';
import { podKind } from './pod.ts';
import type { Draft, Pod, Sparse } from './types.ts';

const CONTEXT = { now: '2026-01-01T00:00:00Z' };

function pod(spec: Sparse<Pod['spec']>, name = 'web'): Draft<Pod> {
  return podKind.applyDefaults({ metadata: { name }, spec } as Draft<Pod>) as Draft<Pod>;
}

function sentences(spec: Sparse<Pod['spec']>): readonly string[] {
  return podKind.validate(pod(spec)).map((error) => `${error.field}: ${error.message}`);
}

function changes(spec: Sparse<Pod['spec']>, old: Sparse<Pod['spec']>): readonly string[] {
  return podKind.validateUpdate(pod(spec), pod(old)).map((error) => `${error.field}: ${error.message}`);
}

const main = { name: 'main', image: 'nginx:1.27' };

test('defaults are those of upstream', () => {
  const probe = { httpGet: { port: 80 } };
  const spec = {
    containers: [
      {
        ...main,
        livenessProbe: probe,
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: '1500m', memory: '1024Ki' } },
      },
      {
        name: 'side',
        image: 'localhost:5000/side',
        env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      },
      { name: 'fixed', image: 'side@sha256:0123' },
    ],
    volumes: [{ name: 'a' }, { name: 'b', secret: { secretName: 's' } }, { name: 'c', hostPath: { path: '/x' } }],
  };
  const container = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };
  expect(pod(spec).spec).toEqual({
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    enableServiceLinks: true,
    containers: [
      {
        ...main,
        ...container,
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { limits: { cpu: '1500m', memory: '1Mi' }, requests: { cpu: '1500m', memory: '1Mi' } },
        livenessProbe: {
          httpGet: { port: 80, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      },
      {
        name: 'side',
        image: 'localhost:5000/side',
        ...container,
        imagePullPolicy: 'Always',
        resources: {},
        env: [{ name: 'N', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
      },
      { name: 'fixed', image: 'side@sha256:0123', ...container, imagePullPolicy: 'IfNotPresent', resources: {} },
    ],
    volumes: [
      { name: 'a', emptyDir: {} },
      { name: 'b', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'c', hostPath: { path: '/x', type: '' } },
    ],
  });
});

test('a new pod is pending, whatever status the client sent', () => {
  const given = { ...pod({ containers: [main] }), status: { phase: 'Running' } };
  expect((podKind.prepareForCreate(given, CONTEXT) as Draft<Pod>).status).toEqual({
    phase: 'Pending',
    qosClass: 'BestEffort',
  });
});

test('containers are checked one by one and against each other', () => {
  const mount = { name: 'nowhere', mountPath: '/x' };
  expect(
    sentences({
      containers: [
        { name: 'Bad_Name', image: '', volumeMounts: [mount, { ...mount, mountPath: '/x' }] },
        {
          ...main,
          env: [{ name: '' }],
          ports: [
            { name: 'p', containerPort: 70_000 },
            { name: 'p', containerPort: 1, protocol: 'ICMP' },
          ],
        },
        { ...main, livenessProbe: { successThreshold: 2, tcpSocket: { port: 'toolongportname1' } } },
      ],
    }),
  ).toEqual([
    "spec.containers[0].name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    'spec.containers[0].image: Required value',
    'spec.containers[0].volumeMounts[0].name: Not found: "nowhere"',
    'spec.containers[0].volumeMounts[1].name: Not found: "nowhere"',
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
    'spec.containers[1].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    'spec.containers[1].ports[1].name: Duplicate value: "p"',
    'spec.containers[1].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    'spec.containers[1].env[0].name: Required value',
    'spec.containers[2].name: Duplicate value: "main"',
    'spec.containers[2].livenessProbe.tcpSocket.port: Invalid value: "toolongportname1": must be no more than 15 characters',
    'spec.containers[2].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ]);
});

test('requests stay below limits', () => {
  const resources = { requests: { cpu: '2', memory: '-1' }, limits: { cpu: '0.5', disk: '1' } };
  expect(sentences({ containers: [{ ...main, resources }] })).toEqual([
    'spec.containers[0].resources.limits[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.limits[disk]: Invalid value: "disk": must be a standard resource for containers',
    'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers',
    'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 500m',
  ]);
});

test('a volume has one type, and a broken one cannot be mounted', () => {
  const volumeMounts = [{ name: 'v', mountPath: '/v' }];
  const volumes = [{ name: 'v', emptyDir: {}, hostPath: { path: '/a/../b' } }];
  expect(sentences({ containers: [{ ...main, volumeMounts }], volumes })).toEqual([
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ]);
});

test('an update may take scheduling gates away, and narrow the place of a pod that waits for them', () => {
  const gates = (...names: readonly string[]) => ({ schedulingGates: names.map((name) => ({ name })) });
  const affinity = (...values: readonly string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: values.map((key) => ({ key, operator: 'Exists' })) }],
        },
      },
    },
  });
  const old = { containers: [main], ...gates('a', 'b'), nodeSelector: { zone: 'x' }, ...affinity('k') };
  const { schedulingGates: _, ...open } = old;
  expect(changes(open, old)).toEqual([]);
  expect(
    changes({ ...old, ...gates('b'), nodeSelector: { zone: 'x', disk: 'ssd' }, ...affinity('k', 'l') }, old),
  ).toEqual([]);
  expect(
    changes({ containers: [main], ...gates('a'), ...affinity('k') }, { containers: [main], ...gates('a') }),
  ).toEqual([]);
  expect(changes({ ...old, ...gates('a', 'c'), nodeSelector: {}, ...affinity('l') }, old)).toEqual([
    "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'",
    'spec.nodeSelector: Invalid value: {}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    expect.stringMatching(
      /nodeSelectorTerms\[0\]: Invalid value: .*: only additions are allowed \(no mutations or deletions\)$/,
    ),
  ]);
  // Without gates a place is a place.
  expect(changes({ ...open, nodeSelector: { zone: 'x', disk: 'ssd' } }, open)).toHaveLength(1);
});

test('an update may change images and little else', () => {
  const sentence =
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';
  const old = { containers: [main], activeDeadlineSeconds: 10 };
  expect(
    changes({ ...old, containers: [{ ...main, image: 'nginx:1.28', imagePullPolicy: 'IfNotPresent' }] }, old),
  ).toEqual([]);
  expect(changes({ ...old, tolerations: [{ operator: 'Exists' }] }, old)).toEqual([]);
  expect(changes({ ...old, containers: [main, { ...main, name: 'b' }] }, old)).toEqual([
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ]);
  expect(changes({ ...old, activeDeadlineSeconds: 20 }, old)).toEqual([
    'spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value',
  ]);
  const [found = ''] = changes({ ...old, hostNetwork: true }, old);
  expect([found.slice(0, sentence.length), found.slice(sentence.length)]).toEqual([
    sentence,
    '- \thostNetwork: true\n+ \thostNetwork: null\n',
  ]);
});

test('warnings tell of names and variables that will surprise', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const given = pod({ containers: [{ ...main, env }] }, 'web.v1');
  expect(podKind.warnings(given, undefined)).toEqual([
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});

test('what a pod asks for as a whole is completed from its containers', () => {
  const sized = { ...main, resources: { requests: { cpu: '100m' }, limits: { 'hugepages-2Mi': '4Mi' } } };
  const side = { ...main, name: 'side', resources: { requests: { cpu: '200m' } } };
  const own = (resources: object) => pod({ containers: [sized, side], resources }).spec?.resources;
  expect([
    own({ limits: { cpu: '1', memory: '64Mi' } }),
    own({ requests: { cpu: '1' } }),
    own({}),
    pod({ containers: [main], resources: { limits: { cpu: '1' } } }).spec?.resources,
  ]).toEqual([
    {
      limits: { cpu: '1', memory: '64Mi', 'hugepages-2Mi': '4Mi' },
      requests: { cpu: '300m', memory: '64Mi', 'hugepages-2Mi': '4Mi' },
    },
    { limits: { 'hugepages-2Mi': '4Mi' }, requests: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
    {},
    { limits: { cpu: '1' }, requests: { cpu: '1' } },
  ]);
});

test('what a pod asks for as a whole is enough for its containers', () => {
  const sized = { ...main, resources: { requests: { cpu: '2' }, limits: { memory: '128Mi', cpu: '2' } } };
  const own = (resources: object) => sentences({ containers: [sized], resources });
  expect([
    own({ requests: { cpu: '2', memory: '128Mi' }, limits: { memory: '128Mi' } }),
    own({ requests: { cpu: '1' }, limits: { memory: '64Mi', cpu: '2' } }),
    own({ requests: { cpu: '2' }, limits: { cpu: '1', 'ephemeral-storage': '1Gi' }, claims: [{ name: 'c' }] }),
  ]).toEqual([
    [],
    [
      'spec.resources.requests: Invalid value: "128Mi": must be less than or equal to memory limit of 64Mi',
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.resources.containers[0][memory].limits: Invalid value: "128Mi": must be less than or equal to pod limits of 64Mi',
    ],
    [
      'spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level',
      'spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
      'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
    ],
  ]);
});

test('a negative grace period becomes one second', () => {
  expect(pod({ containers: [main], terminationGracePeriodSeconds: -1 }).spec?.terminationGracePeriodSeconds).toBe(1);
});

test('only a running pod on a node is given grace', () => {
  const placed = pod({ containers: [main], nodeName: 'host' });
  expect([
    podKind.deletionGraceSeconds(pod({ containers: [main] })),
    podKind.deletionGraceSeconds(placed),
    podKind.deletionGraceSeconds({ ...placed, status: { phase: 'Failed' } } as Draft<Pod>),
  ]).toEqual([undefined, 30, undefined]);
});
