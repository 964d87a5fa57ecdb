import type { Row } from './row.ts';

/** A ConfigMap as a manifest. */
export function configMap(name: string, data: { readonly [key: string]: string }, labels?: object): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
}

const MANAGERS = '-o=jsonpath={range .metadata.managedFields[*]}{.manager} {.operation}{"\\n"}{end}';
const FIRST = 'apply --server-side --field-manager=first';
const SECOND = 'apply --server-side --field-manager=second';

/** Apply in both its forms, what it would change, and everything else that writes one object. */
export const applying: readonly Row[] = [
  { says: 'apply', input: configMap('client', { a: '1', b: '1' }), prints: 'configmap/client created\n' },
  { says: 'apply', input: configMap('client', { a: '1', b: '1' }), prints: 'configmap/client unchanged\n' },
  { says: 'apply', input: configMap('client', { a: '2', b: '1' }), prints: 'configmap/client configured\n' },
  {
    says: 'apply --dry-run=server',
    input: configMap('client', {}),
    prints: 'configmap/client configured (server dry run)\n',
  },
  { says: 'apply view-last-applied configmap client -o json', prints: /"a": "2"/ },
  { says: 'diff', input: configMap('client', { a: '2', b: '1' }), prints: '' },
  { says: 'diff', input: configMap('client', { a: '3', b: '1' }), code: 1, prints: /^- {2}a: "2"\n\+ {2}a: "3"$/m },
  {
    says: 'diff --server-side --force-conflicts',
    input: configMap('client', { a: '4' }),
    code: 1,
    prints: /^\+ {2}a: "4"$/m,
  },
  { says: 'diff', input: configMap('absent', { a: '1' }), code: 1, prints: /^\+kind: ConfigMap$/m },
  { says: ['get', 'configmap', 'client', '-o=jsonpath={.data}'], prints: '{"a":"2","b":"1"}' },

  { says: FIRST, input: configMap('owned', { a: '1' }), prints: 'configmap/owned serverside-applied\n' },
  {
    says: SECOND,
    input: configMap('owned', { a: '2' }),
    code: 1,
    complains: /^error: Apply failed with 1 conflict: conflict with "first": \.data\.a\nPlease review the fields above/,
  },
  {
    says: `${SECOND} --force-conflicts`,
    input: configMap('owned', { a: '2' }),
    prints: 'configmap/owned serverside-applied\n',
  },
  { says: FIRST, input: configMap('owned', {}), prints: 'configmap/owned serverside-applied\n' },
  { says: ['get', 'configmap', 'owned', '-o=jsonpath={.data}'], prints: '{"a":"2"}' },
  { says: SECOND, input: configMap('owned', {}), prints: 'configmap/owned serverside-applied\n' },
  { says: ['get', 'configmap', 'owned', '-o=jsonpath={.data}'], prints: '' },

  { says: 'apply', input: configMap('migrated', { a: '1', b: '1' }), prints: 'configmap/migrated created\n' },
  {
    says: 'apply --server-side',
    input: configMap('migrated', { a: '1' }),
    prints: 'configmap/migrated serverside-applied\n',
  },
  { says: ['get', 'configmap', 'migrated', '-o=jsonpath={.data}'], prints: '{"a":"1"}' },
  {
    says: ['get', 'configmap', 'migrated', '--show-managed-fields', MANAGERS],
    prints: [/^kubectl Apply$/m, /^kubectl-last-applied Apply$/m],
  },

  { says: 'create', input: configMap('replaced', { a: '1', b: '1' }), prints: 'configmap/replaced created\n' },
  {
    says: 'create',
    input: configMap('replaced', {}),
    code: 1,
    complains: /^Error from server \(AlreadyExists\): .*configmaps "replaced" already exists\n$/,
  },
  { says: 'replace', input: configMap('replaced', { a: '2' }), prints: 'configmap/replaced replaced\n' },
  { says: ['get', 'configmap', 'replaced', '-o=jsonpath={.data}'], prints: '{"a":"2"}' },
  {
    says: 'replace --force',
    input: configMap('replaced', { a: '3' }),
    prints: /^configmap "replaced" deleted( from \S+ namespace)?\nconfigmap\/replaced replaced\n$/,
  },
  {
    says: 'replace',
    input: configMap('absent', {}),
    code: 1,
    complains: /^Error from server \(NotFound\): .*configmaps "absent" not found\n$/,
  },

  {
    says: ['patch', 'configmap', 'replaced', '-p', '{"data":{"a":"4","b":"1"}}'],
    prints: 'configmap/replaced patched\n',
  },
  {
    says: ['patch', 'configmap', 'replaced', '-p', '{"data":{"a":"4"}}'],
    prints: 'configmap/replaced patched (no change)\n',
  },
  {
    says: ['patch', 'configmap', 'replaced', '--type=merge', '-p', '{"data":{"b":null}}'],
    prints: 'configmap/replaced patched\n',
  },
  {
    says: ['patch', 'configmap', 'replaced', '--type=json', '-p', '[{"op":"move","from":"/data/a","path":"/data/z"}]'],
    prints: 'configmap/replaced patched\n',
  },
  {
    says: ['patch', 'configmap', 'replaced', '--type=json', '-p', '[{"op":"test","path":"/data/z","value":"5"}]'],
    code: 1,
    complains: /^The request is invalid: the server rejected our request due to an error in our request\n$/,
  },
  { says: ['get', 'configmap', 'replaced', '-o=jsonpath={.data}'], prints: '{"z":"4"}' },

  { says: 'label configmap replaced tier=web', prints: 'configmap/replaced labeled\n' },
  { says: 'label configmap replaced tier=web', prints: 'configmap/replaced not labeled\n' },
  {
    says: 'label configmap replaced tier=db',
    code: 1,
    complains: /'tier' already has a value \(web\), and --overwrite is false/,
  },
  { says: 'label configmap replaced tier=db --overwrite', prints: 'configmap/replaced labeled\n' },
  { says: 'label configmap replaced --list', prints: 'tier=db\n' },
  { says: 'label configmap replaced tier-', prints: 'configmap/replaced unlabeled\n' },
  { says: 'annotate configmap replaced note=hello', prints: 'configmap/replaced annotated\n' },
  { says: 'annotate configmap replaced note-', prints: 'configmap/replaced annotated\n' },
  {
    says: 'edit configmap replaced',
    env: { KUBE_EDITOR: 'sed -i s/z:/edited:/' },
    prints: 'configmap/replaced edited\n',
  },
  { says: 'edit configmap replaced', env: { KUBE_EDITOR: 'true' }, complains: 'Edit cancelled, no changes made.\n' },
  { says: ['get', 'configmap', 'replaced', '-o=jsonpath={.data}'], prints: '{"edited":"4"}' },

  { says: 'wait --for=create configmap/replaced --timeout=5s', prints: 'configmap/replaced condition met\n' },
  {
    says: ['wait', '--for=jsonpath={.data.edited}=4', 'configmap/replaced', '--timeout=5s'],
    prints: 'configmap/replaced condition met\n',
  },
  {
    says: ['wait', '--for=jsonpath={.data.edited}=5', 'configmap/replaced', '--timeout=1s'],
    code: 1,
    complains: 'error: timed out waiting for the condition on configmaps/replaced\n',
  },
  { says: 'wait --for=delete configmap/absent --timeout=5s', complains: '' },
];
