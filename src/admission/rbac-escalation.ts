import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../kinds/types.ts';
import { deepEqual } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { forbidden, StatusError } from '../machinery/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { rbacLookup } from './rbac-lookup.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Who writes. */
interface Writer {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: { readonly [key: string]: readonly string[] };
}

/** Judges a write: a sentence for a 403, a whole error, or nothing when it is fine. `user` is who writes. */
export interface EscalationJudge {
  role(user: Writer, role: Role | ClusterRole): string | StatusError | undefined;
  binding(user: Writer, binding: RoleBinding | ClusterRoleBinding): string | StatusError | undefined;
}

/** What is left without the fields that garbage collection and bookkeeping change. Labels count: they aggregate. */
function withoutBookkeeping(object: KubernetesObject): unknown {
  const { metadata = {}, ...rest } = object;
  const { finalizers: _, ownerReferences: __, managedFields: ___, resourceVersion: ____, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function judge(request: AdmissionRequest, check: EscalationJudge): string | StatusError | undefined {
  const { kind, object, user } = request;
  if (user === undefined) return undefined;
  const writer = { name: user.name, uid: '', groups: user.groups, extra: {} };
  switch (kind.plural) {
    case 'roles':
    case 'clusterroles':
      return check.role(writer, object as Role);
    case 'rolebindings':
    case 'clusterrolebindings':
      return check.binding(writer, object as RoleBinding);
    default:
      return undefined;
  }
}

/**
 * Nobody grants what he doesn't hold: roles and bindings of users are judged by RBAC's escalation rules. The house's
 * own controllers write without a user and are not judged.
 */
export function rbacEscalation(judgeOver: (lookup: RbacLookup) => EscalationJudge): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate: (request, lookup) => {
      const { kind, operation, object, old, key } = request;
      if (kind.group !== GROUP || operation === 'DELETE') return undefined;
      if (old !== undefined && deepEqual(withoutBookkeeping(object), withoutBookkeeping(old))) return undefined;
      const refusal = judge(request, judgeOver(rbacLookup(lookup)));
      if (refusal === undefined || refusal instanceof StatusError) return refusal;
      return forbidden({ group: GROUP, resource: kind.plural, name: key.name }, refusal);
    },
  };
}
