import type { ClusterRole } from '../../../kinds/types.ts';
import { allow, allowPaths, clusterRole, READ, writeEvents } from './build.ts';

const CERTIFICATES = 'certificates.k8s.io';

/** Roles of everybody, by how well they are known. */
function basicRoles(): readonly ClusterRole[] {
  return [
    clusterRole('cluster-admin', [allow('*', '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }]),
    clusterRole('system:discovery', [
      allowPaths(
        ...['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*'],
        ...['/readyz', '/version', '/version/'],
      ),
    ]),
    clusterRole('system:basic-user', [
      allow('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      allow('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ]),
    clusterRole('system:public-info-viewer', [allowPaths('/healthz', '/livez', '/readyz', '/version', '/version/')]),
    clusterRole('system:monitoring', [
      allowPaths(
        ...['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*'],
      ),
    ]),
    clusterRole('system:service-account-issuer-discovery', [
      allowPaths('/.well-known/openid-configuration', '/openid/v1/jwks'),
    ]),
  ];
}

function nodeRoles(): readonly ClusterRole[] {
  return [
    clusterRole('system:node', [
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
      allow(READ, '', 'services'),
      allow('create get list watch', '', 'nodes'),
      allow('patch update', '', 'nodes/status'),
      allow('patch update', '', 'nodes'),
      allow('create patch update', '', 'events'),
      allow(READ, '', 'pods'),
      allow('create delete', '', 'pods'),
      allow('patch update', '', 'pods/status'),
      allow('create', '', 'pods/eviction'),
      allow(READ, '', 'configmaps secrets'),
      allow('get', '', 'persistentvolumeclaims persistentvolumes'),
      allow('get', '', 'endpoints'),
      allow('create get list watch', CERTIFICATES, 'certificatesigningrequests'),
      allow('create delete get patch update', 'coordination.k8s.io', 'leases'),
      allow('get', 'storage.k8s.io', 'volumeattachments'),
      allow('create', '', 'serviceaccounts/token'),
      allow('get patch update', '', 'persistentvolumeclaims/status'),
      allow(READ, 'storage.k8s.io', 'csidrivers'),
      allow('create delete get patch update', 'storage.k8s.io', 'csinodes'),
      allow(READ, 'node.k8s.io', 'runtimeclasses'),
    ]),
    clusterRole('system:node-bootstrapper', [
      allow('create get list watch', CERTIFICATES, 'certificatesigningrequests'),
    ]),
    clusterRole('system:node-problem-detector', [
      allow('get', '', 'nodes'),
      allow('patch', '', 'nodes/status'),
      writeEvents,
    ]),
    clusterRole('system:node-proxier', [
      allow('list watch', '', 'endpoints services'),
      allow(READ, '', 'nodes'),
      writeEvents,
      allow('list watch', 'discovery.k8s.io', 'endpointslices'),
    ]),
    clusterRole('system:kubelet-api-admin', [
      allow(READ, '', 'nodes'),
      allow('proxy', '', 'nodes'),
      allow('*', '', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
    ]),
  ];
}

function certificateRoles(): readonly ClusterRole[] {
  const requester = (name: string): ClusterRole =>
    clusterRole(`system:${CERTIFICATES}:certificatesigningrequests:${name}`, [
      allow('create', CERTIFICATES, `certificatesigningrequests/${name}`),
    ]);
  const approver = (signer: string): ClusterRole =>
    clusterRole(`system:${CERTIFICATES}:${signer}-approver`, [
      allow('approve', CERTIFICATES, 'signers', `kubernetes.io/${signer}`),
    ]);
  return [
    requester('nodeclient'),
    requester('selfnodeclient'),
    approver('kube-apiserver-client'),
    approver('kube-apiserver-client-kubelet'),
    approver('kubelet-serving'),
    approver('legacy-unknown'),
  ];
}

/** Roles for what people install: add-ons bind them. */
function addonRoles(): readonly ClusterRole[] {
  return [
    clusterRole('system:auth-delegator', [
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    ]),
    clusterRole('system:kube-aggregator', [allow(READ, '', 'endpoints services')]),
    clusterRole('system:kube-dns', [allow('list watch', '', 'endpoints services')]),
    clusterRole('system:persistent-volume-provisioner', [
      allow('create delete get list watch', '', 'persistentvolumes'),
      allow('get list update watch', '', 'persistentvolumeclaims'),
      allow(READ, 'storage.k8s.io', 'storageclasses'),
      allow('watch', '', 'events'),
      writeEvents,
    ]),
  ];
}

/** ClusterRoles of the system and its add-ons. */
export function systemRoles(): readonly ClusterRole[] {
  return [...basicRoles(), ...nodeRoles(), ...certificateRoles(), ...addonRoles()];
}
