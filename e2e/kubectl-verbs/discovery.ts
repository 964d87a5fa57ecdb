import type { Row } from './row.ts';

const ALL_VERBS = 'create,delete,deletecollection,get,list,patch,update,watch';

/** What the server says of itself and of who asks. */
export const discovery: readonly Row[] = [
  {
    says: 'api-resources',
    prints: [
      /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND$/m,
      /^configmaps +cm +v1 +true +ConfigMap$/m,
      /^poddisruptionbudgets +pdb +policy\/v1 +true +PodDisruptionBudget$/m,
      /^selfsubjectreviews +authentication\.k8s\.io\/v1 +false +SelfSubjectReview$/m,
    ],
  },
  {
    says: 'api-resources --api-group=apps -o wide --sort-by=name --no-headers',
    prints: new RegExp(`^deployments +deploy +apps/v1 +true +Deployment +${ALL_VERBS} +all$`, 'm'),
  },
  {
    says: 'api-resources --api-group=apps -o name',
    prints: 'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n',
  },
  {
    says: 'api-resources --categories=all --namespaced --verbs=list -o name',
    prints: /^pods\nreplicationcontrollers\nservices\n(.*\n)*cronjobs\.batch\n/,
  },
  {
    says: 'api-versions',
    prints: [/^apps\/v1$/m, /^autoscaling\/v2$/m, /^rbac\.authorization\.k8s\.io\/v1$/m, /^v1$/m],
  },
  {
    says: 'explain deployment.spec.replicas',
    prints:
      /^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>\n+DESCRIPTION:\n {4}Number of desired pods\./,
  },
  {
    says: 'explain pod.spec.containers.livenessProbe.httpGet.port',
    prints: /^KIND: +Pod\nVERSION: +v1\n\nFIELD: port <IntOrString>\n+DESCRIPTION:\n {4}\S/,
  },
  {
    says: 'explain ingress.spec.rules.http.paths.backend',
    prints: [/^FIELD: backend <IngressBackend>$/m, /^FIELDS:\n {2}resource\t<TypedLocalObjectReference>\n {4}\S/m],
  },
  {
    says: 'explain hpa --api-version=autoscaling/v1 --recursive',
    prints: /^ {4}targetCPUUtilizationPercentage\t<integer>$/m,
  },
  {
    says: 'explain crd.spec.versions.schema.openAPIV3Schema.properties',
    prints: /^FIELD: properties <map\[string\]JSONSchemaProps>$/m,
  },
  { says: 'explain deployment.metadata.labels', prints: /^DESCRIPTION:\n {4}Map of string keys and values/m },
  {
    says: 'explain --output=plaintext-openapiv2 deployment.spec.strategy.rollingUpdate.maxSurge',
    prints: /^KIND: +Deployment\nVERSION: +apps\/v1\n\nFIELD: +maxSurge <string>\n\nDESCRIPTION:\n +\S/,
  },
  { says: 'explain deployment.spec.nothing', code: 1, complains: 'error: field "nothing" does not exist\n' },
  {
    says: 'auth can-i --list',
    prints: [
      /^Resources +Non-Resource URLs +Resource Names +Verbs$/m,
      /^\*\.\* +\[\] +\[\] +\[\*\]$/m,
      /^ +\[\*\] +\[\] +\[\*\]$/m,
    ],
  },
  {
    says: 'auth can-i --list --as=eve --as-group=system:authenticated',
    prints: [
      /^selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]$/m,
      /^ +\[\/openapi\/\*\] +\[\] +\[get\]$/m,
    ],
  },
  { says: 'auth can-i get pods --subresource=log', prints: 'yes\n' },
  { says: 'auth can-i create deployments.apps --as=eve', code: 1, prints: 'no\n' },
  {
    says: 'auth whoami',
    prints: [
      /^ATTRIBUTE +VALUE$/m,
      /^Username +kubernetes-admin$/m,
      /^Groups +\[system:masters system:authenticated\]$/m,
    ],
  },
  { says: ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], prints: 'kubernetes-admin' },
  { says: 'auth whoami --as=eve --as-group=dev', prints: /^Username +eve\nGroups +\[dev system:authenticated\]$/m },
  { says: 'create serviceaccount robot', prints: 'serviceaccount/robot created\n' },
  { says: 'create token robot --duration=10m', prints: /^ey[\w-]+\.ey[\w-]+\.[\w-]+\n?$/ },
  {
    says: 'create token robot --audience=vault --bound-object-kind=Secret --bound-object-name=none',
    code: 1,
    complains: /secrets "none" not found/,
  },
  {
    says: 'create token nobody',
    code: 1,
    complains: 'error: failed to create token: serviceaccounts "nobody" not found\n',
  },
  { says: 'get --raw /healthz', prints: 'ok' },
  { says: 'get --raw /readyz?verbose', prints: /^\[\+\]ping ok\n(\[\+\].* ok\n)*readyz check passed\n$/ },
  { says: 'get --raw /api/v1/namespaces/default', prints: /^\{.*"kind":"Namespace",.*"metadata":\{"name":"default",/ },
  {
    says: 'get --raw /openapi/v3',
    prints: /"apis\/apps\/v1":\{"serverRelativeURL":"\/openapi\/v3\/apis\/apps\/v1\?hash=/,
  },
  {
    says: 'get --raw /nothing',
    code: 1,
    complains: 'Error from server (NotFound): the server could not find the requested resource\n',
  },
  { says: 'version -o json', prints: /"serverVersion": \{[^}]*"gitVersion": "v1\.36\./ },
  { says: 'cluster-info', prints: /^.*Kubernetes control plane.* is running at .*https:/ },
];
