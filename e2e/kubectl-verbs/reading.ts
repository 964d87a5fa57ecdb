import { configMap } from './applying.ts';
import type { Row } from './row.ts';

const TIERS = ['web', 'db', 'cache'].map((tier) => configMap(`tier-${tier}`, { tier }, { tier, kind: 'tiers' }));

/** Reading: selection, forms of output, descriptions. */
export const reading: readonly Row[] = [
  {
    says: 'create',
    input: { apiVersion: 'v1', kind: 'List', items: TIERS },
    prints: 'configmap/tier-web created\nconfigmap/tier-db created\nconfigmap/tier-cache created\n',
  },
  {
    says: 'get configmaps -l kind=tiers',
    prints: /^NAME +DATA +AGE\ntier-cache +1 +\d+s\ntier-db +1 +\d+s\ntier-web +1 +\d+s\n$/,
  },
  { says: 'get cm tier-db --show-labels', prints: /^NAME +DATA +AGE +LABELS\ntier-db +1 +\d+s +kind=tiers,tier=db\n$/ },
  { says: ['get', 'cm', '-o=name', '-l', 'tier in (web,db),kind'], prints: 'configmap/tier-db\nconfigmap/tier-web\n' },
  {
    says: ['get', 'cm', '-o=name', '-l', 'kind=tiers,tier notin (web)'],
    prints: 'configmap/tier-cache\nconfigmap/tier-db\n',
  },
  { says: 'get cm -o name --field-selector metadata.name=tier-db', prints: 'configmap/tier-db\n' },
  {
    says: 'get cm -o name -l kind=tiers --chunk-size=1',
    prints: 'configmap/tier-cache\nconfigmap/tier-db\nconfigmap/tier-web\n',
  },
  {
    says: 'get cm -l kind=tiers --sort-by=.data.tier -o name',
    prints: 'configmap/tier-cache\nconfigmap/tier-db\nconfigmap/tier-web\n',
  },
  { says: 'get cm -l kind=tiers -L tier --no-headers', prints: /^tier-cache +1 +\d+s +cache\n/ },
  { says: 'get cm tier-db -o custom-columns=N:.metadata.name,T:.data.tier', prints: 'N         T\ntier-db   db\n' },
  { says: ['get', 'cm', 'tier-db', '-o', 'go-template={{.data.tier}}'], prints: 'db' },
  { says: 'get cm tier-db -o yaml', prints: /^apiVersion: v1\ndata:\n {2}tier: db\nkind: ConfigMap\nmetadata:\n/ },
  {
    says: 'get cm/tier-db cm/absent',
    code: 1,
    prints: /^tier-db /m,
    complains: 'Error from server (NotFound): configmaps "absent" not found\n',
  },
  { says: 'get nothings', code: 1, complains: 'error: the server doesn\'t have a resource type "nothings"\n' },
  { says: 'get pods', prints: '', complains: /^No resources found in \S+ namespace\.\n$/ },
  {
    says: 'get cm --field-selector data.a=1',
    code: 1,
    complains:
      /field label not supported: data\.a|"data\.a" is not a known field selector: only "metadata\.name", "metadata\.namespace"/,
  },
  {
    says: 'describe cm tier-db',
    prints:
      /^Name: +tier-db\nNamespace: +\S+\nLabels: +kind=tiers\n +tier=db\nAnnotations: +<none>\n\nData\n====\ntier:\n----\ndb\n\n\nBinaryData\n====\n\nEvents: +<none>\n$/,
  },
  {
    says: 'describe serviceaccount default',
    prints: /^Name: +default\n(.*\n)*Image pull secrets: +<none>\n(.*\n)*Events: +<none>\n$/,
  },
  { says: 'delete cm -l tier=web', prints: /^configmap "tier-web" deleted( from \S+ namespace)?\n$/ },
  { says: 'delete cm tier-web', code: 1, complains: 'Error from server (NotFound): configmaps "tier-web" not found\n' },
  { says: 'delete cm tier-web --ignore-not-found', prints: '' },
  {
    says: 'delete cm tier-db --dry-run=server',
    prints: /^configmap "tier-db" deleted( from \S+ namespace)? \(server dry run\)\n$/,
  },
  { says: 'delete cm tier-db --now -o name', prints: 'configmap/tier-db\n' },
];
