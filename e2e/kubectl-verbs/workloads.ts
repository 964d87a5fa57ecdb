import type { Row } from './row.ts';

/** A Deployment that never has a pod. */
function emptyDeployment(name: string): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'localhost:5000/hello:v1' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

/** Creates a Deployment and waits for its ReplicaSet. */
function withReplicaSet(name: string): readonly Row[] {
  return [
    { says: 'create', input: emptyDeployment(name), prints: `deployment.apps/${name} created\n` },
    { says: `get rs -l app=${name} -o name`, prints: /^replicaset\.apps\/\S+\n$/, eventually: true },
  ];
}

const CONTAINERS = '-o=jsonpath={.spec.template.spec.containers[*].name}';
const MORE = '{"spec":{"template":{"spec":{"containers":[{"name":"more","image":"localhost:5000/hello:v1"}]}}}}';

/** Workloads without pods: what kubectl does with them, and what becomes of what they own. */
export const workloads: readonly Row[] = [
  ...withReplicaSet('web'),
  { says: 'get deployment web', prints: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/0 +0 +0 +\d+s\n$/ },
  { says: 'rollout status deployment/web --timeout=20s', prints: /deployment "web" successfully rolled out\n$/ },
  {
    says: 'wait --for=condition=Available deployment/web --timeout=20s',
    prints: 'deployment.apps/web condition met\n',
  },
  { says: ['patch', 'deployment', 'web', '-p', MORE], prints: 'deployment.apps/web patched\n' },
  { says: ['get', 'deployment', 'web', CONTAINERS], prints: 'more web' },
  { says: ['patch', 'deployment', 'web', '--type=merge', '-p', MORE], prints: 'deployment.apps/web patched\n' },
  { says: ['get', 'deployment', 'web', CONTAINERS], prints: 'more' },
  {
    says: 'rollout history deployment/web',
    prints: /^deployment\.apps\/web \nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n/,
    eventually: true,
  },
  { says: 'rollout undo deployment/web --to-revision=1', prints: 'deployment.apps/web rolled back\n' },
  { says: 'rollout pause deployment/web', prints: 'deployment.apps/web paused\n' },
  { says: 'rollout resume deployment/web', prints: 'deployment.apps/web resumed\n' },
  { says: 'rollout restart deployment/web', prints: 'deployment.apps/web restarted\n' },
  { says: 'set image deployment/web web=localhost:5000/hello:v2', prints: 'deployment.apps/web image updated\n' },
  { says: 'set env deployment/web A=1', prints: 'deployment.apps/web env updated\n' },
  {
    says: 'set resources deployment/web --limits=cpu=1',
    prints: 'deployment.apps/web resource requirements updated\n',
  },
  {
    says: ['patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":0}}'],
    prints: /^\S+\/web patched( \(no change\))?\n$/,
  },
  { says: 'get deployment web --subresource=scale -o name', prints: 'scale.autoscaling/web\n' },
  { says: 'scale deployment/web --replicas=0 --current-replicas=0', prints: 'deployment.apps/web scaled\n' },
  { says: 'autoscale deployment/web --max=3', prints: 'horizontalpodautoscaler.autoscaling/web autoscaled\n' },
  {
    says: ['get', 'horizontalpodautoscalers.v1.autoscaling', 'web', '-o=jsonpath={.apiVersion} {.spec.maxReplicas}'],
    prints: 'autoscaling/v1 3',
  },
  { says: 'expose deployment/web --port=80', prints: 'service/web exposed\n' },
  {
    says: 'get service web',
    prints: /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +ClusterIP +10\.\S+ +<none> +80\/TCP +\d+s\n$/,
  },
  {
    says: 'describe deployment web',
    prints: [
      /^Selector: +app=web$/m,
      /^StrategyType: +RollingUpdate$/m,
      /^RollingUpdateStrategy: +25% max unavailable, 25% max surge$/m,
      /^ +Image: +localhost:5000\/hello:v2$/m,
    ],
  },
  {
    says: 'get all',
    prints: [/^deployment\.apps\/web /m, /^service\/web /m, /^horizontalpodautoscaler\.autoscaling\/web /m],
  },
  { says: 'run one --image=localhost:5000/hello:v1 --dry-run=server', prints: 'pod/one created (server dry run)\n' },
  {
    says: 'create job one --image=localhost:5000/hello:v1 --dry-run=server',
    prints: 'job.batch/one created (server dry run)\n',
  },
  { says: 'create quota few --hard=configmaps=50', prints: 'resourcequota/few created\n' },
  {
    says: 'get quota few',
    prints: /^NAME +(AGE +)?REQUEST( +LIMIT)?( +AGE)?\nfew +.*configmaps: \d+\/50/m,
    eventually: true,
  },
  { says: 'create role reader --verb=get --resource=pods', prints: 'role.rbac.authorization.k8s.io/reader created\n' },
  {
    says: 'create rolebinding reader --role=reader --user=eve',
    prints: 'rolebinding.rbac.authorization.k8s.io/reader created\n',
  },
  { says: 'auth can-i get pods --as=eve', prints: 'yes\n' },

  {
    says: 'delete deployment web --cascade=background',
    prints: /^deployment\.apps "web" deleted( from \S+ namespace)?\n$/,
  },
  { says: 'get rs -l app=web -o name', prints: '', eventually: true },
  ...withReplicaSet('parent'),
  {
    says: 'delete deployment parent --cascade=orphan',
    prints: /^deployment\.apps "parent" deleted( from \S+ namespace)?\n$/,
  },
  {
    says: ['get', 'rs', '-l', 'app=parent', '-o=jsonpath={range .items[*]}{.kind} {.metadata.ownerReferences}{end}'],
    prints: 'ReplicaSet ',
  },
  ...withReplicaSet('whole'),
  {
    says: 'delete deployment whole --cascade=foreground',
    prints: /^deployment\.apps "whole" deleted( from \S+ namespace)?\n$/,
  },
  { says: 'get rs -l app=whole -o name', prints: '' },
];
