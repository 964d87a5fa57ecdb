// The one-way order of the layers. Each rule says why it exists; ARCHITECTURE.md has the picture.
const layer = (name, path, mayImport, comment) => ({
  name: `layer-${name}`,
  comment,
  severity: 'error',
  from: { path, pathNot: ['\\.(test|conformance|real)\\.ts$'] },
  to: { pathNot: [path, ...mayImport, '^node_modules/'], dependencyTypesNot: ['core'] },
});
const MACHINERY = '^src/machinery/';
const KINDS = '^src/kinds/';
const QUADLET = '^quadlet/';
const TRANSLATORS = '^translators/';
const STORE = '^src/store/';
const ADMISSION = '^src/admission/';
const AUTH = '^src/auth/';
const REGISTRY = '^src/registry/';
const STREAMS = '^src/streams/';
const DRIVERS = ['^systemd/', '^src/host/'];
// swc doesn't tell type-only imports apart; the linter turns imports that are types into `import type`.
const INTERFACES = [
  '^systemd/(service-manager|journal|unit-directory|unit-learner|owned-entries|timer-runs)\\.ts$',
  '^src/host/(podman|oci-runtime|nft|conntrack|resolver|haproxy|facts|usage|pressure|pulled-images|local-volumes|listeners)\\.ts$',
];
const PURE = ['^quadlet/', MACHINERY, KINDS, TRANSLATORS];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A circle has no lowest layer.',
      from: {},
      to: { circular: true },
    },
    layer('quadlet', QUADLET, [], 'systemd and Quadlet files as values know nothing else.'),
    layer('machinery', MACHINERY, [], 'Kind-independent rules are the ground floor.'),
    layer('config', '^src/config/', [], 'Configuration is read before anything else exists.'),
    layer('kinds', KINDS, [MACHINERY], 'A kind is described by machinery alone.'),
    layer('translators', TRANSLATORS, [QUADLET, MACHINERY, KINDS], 'Objects in, host files out.'),
    layer('auth', AUTH, [MACHINERY, KINDS], 'Decisions about requests, not about storage.'),
    layer('admission', ADMISSION, [MACHINERY, KINDS], 'Plug-ins see objects, not storage.'),
    layer('store', STORE, [MACHINERY], 'The log has never heard of a kind.'),
    layer('systemd', '^systemd/', [QUADLET], 'The service manager has never heard of Kubernetes.'),
    layer('host', '^src/host/', [], 'Host drivers have never heard of Kubernetes.'),
    layer('registry', REGISTRY, [MACHINERY, KINDS, STORE, ADMISSION], 'The write pipeline for any kind.'),
    layer(
      'streams',
      STREAMS,
      [MACHINERY, KINDS, TRANSLATORS, ...DRIVERS],
      'Logs, exec, attach and port-forward of pods on this host.',
    ),
    layer(
      'node-api',
      '^src/node-api/',
      [MACHINERY, KINDS, REGISTRY, TRANSLATORS, ...DRIVERS],
      'What the node itself answers: usage, and the way to its pods.',
    ),
    layer('aggregator', '^src/aggregator/', [MACHINERY, KINDS], 'Other API servers behind this one.'),
    layer(
      'prober',
      '^src/prober/',
      [MACHINERY, KINDS, TRANSLATORS, STREAMS, ...DRIVERS],
      'Runs compiled probes without the API server.',
    ),
    layer(
      'controllers',
      '^src/controllers/',
      [MACHINERY, KINDS, REGISTRY, TRANSLATORS, ...DRIVERS],
      'Controllers meet the server only in the store.',
    ),
    layer(
      'server',
      '^src/server/',
      [MACHINERY, KINDS, REGISTRY, AUTH, STREAMS],
      'The server names no kind and no controller.',
    ),
    {
      name: 'drivers-as-types',
      comment:
        'Controllers, streams and the prober take drivers as parameters: they know the interfaces only. Fakes are for tests.',
      severity: 'error',
      from: {
        path: ['^src/(controllers|server|streams|node-api|prober)/'],
        pathNot: '\\.(test|conformance)\\.ts$|/fake-[^/]*\\.ts$',
      },
      to: { path: DRIVERS, pathNot: INTERFACES },
    },
    {
      name: 'pure-layers-do-no-io',
      comment: 'Pure layers are functions of their arguments.',
      severity: 'error',
      from: { path: PURE, pathNot: '\\.(test|real)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'lean-start',
      comment: '@kubernetes/client-node costs 350 ms and 68 MB to import: types only, except in e2e.',
      severity: 'error',
      from: { pathNot: ['^e2e/', '\\.test\\.ts$'] },
      to: { path: '^node_modules/@kubernetes/client-node', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-tests-or-fakes',
      comment: 'Fakes exist for unit tests and the bench only.',
      severity: 'error',
      from: { pathNot: '\\.(test|conformance|real)\\.ts$|fake|^e2e/bench/' },
      to: { path: '\\.(test|conformance)\\.ts$|/fake-[^/]*\\.ts$' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|testdata)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
