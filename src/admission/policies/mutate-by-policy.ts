import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../kinds/types.ts';
import { RUNTIME_BUDGET } from '../../machinery/cel/compile.ts';
import { CostMeter } from '../../machinery/cel/evaluate.ts';
import { toJson } from '../../machinery/cel/to-json.ts';
import { CelError, StructValue } from '../../machinery/cel/values.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { unversioned, versioned } from '../dynamic/attributes.ts';
import { evaluate, matchesConditions, type Sourced, withComposed } from '../dynamic/evaluate.ts';
import { remembered } from '../dynamic/remembered.ts';
import { admissionVariables } from '../dynamic/variables.ts';
import type { DynamicRequest } from '../plugin.ts';
import { applyConfiguration, type Mutated } from './apply-configuration.ts';
import { applyOperations } from './apply-operations.ts';
import { compilePolicy } from './compile-policy.ts';
import { type Invocation, type PolicyServices, requestNamespace } from './invocations.ts';
import { jsonOperation, wrongTypeNames } from './patch-values.ts';

/** A policy that changes a request, by a binding, with parameters. */
export type MutatingInvocation = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>;

type Use = 'applyConfiguration' | 'jsonPatch';
interface Mutation {
  readonly use: Use;
  readonly expression: Sourced;
}

const compiledOf = remembered((policy: KubernetesObject) => {
  const { spec = {} as never } = policy as MutatingAdmissionPolicy;
  const { compile, ...common } = compilePolicy(spec);
  const mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration: apply, jsonPatch }): Mutation => {
    const use = patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
    const source = (use === 'jsonPatch' ? jsonPatch : apply)?.expression ?? '';
    return { use, expression: compile(source, use, { patches: true }) };
  });
  return { ...common, mutations };
});

function failed(message: string): Mutated {
  return { ok: false, message };
}

function mutated(
  { use, expression }: Mutation,
  { kind }: MutatingInvocation,
  { object, variables }: { readonly object: KubernetesObject; readonly variables: ReadonlyMap<string, unknown> },
  meter: CostMeter,
): Mutated {
  if (!expression.compiled.ok) return failed(expression.compiled.message);
  const made = evaluate(expression, variables, meter);
  if (!made.ok) return failed(made.message);
  const values = use === 'jsonPatch' ? (made.value as readonly StructValue[]) : [made.value as StructValue];
  const named = values.map((each) => (use === 'jsonPatch' ? each.get('value') : each));
  const wrong = named.flatMap((each) =>
    use === 'jsonPatch' && !(each instanceof StructValue) ? [] : wrongTypeNames(each, rootName(use, each)),
  );
  if (wrong.length > 0) return failed(`type mismatch: ${wrong.join('\n')}`);
  try {
    if (use === 'jsonPatch') return applyOperations(object, values.map(jsonOperation));
    return applyConfiguration(kind, object, toJson(made.value) as object);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return failed(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error.message}`);
  }
}

/** Where the names of a value's structs start: a patch's value may be any part of the object. */
function rootName(use: Use, value: unknown): string {
  return use === 'jsonPatch' && value instanceof StructValue ? value.name : 'Object';
}

/** What a policy made of an object, and what went wrong on the way. */
export interface MutationOutcome {
  readonly object: KubernetesObject;
  readonly errors: readonly string[];
  /** False where its conditions don't hold. */
  readonly invoked: boolean;
}

/** Asks a policy's conditions. */
export function policyMatches(
  request: DynamicRequest,
  { policy, kind, params }: MutatingInvocation,
  { authorize }: PolicyServices,
): boolean | { readonly error: string } {
  const { conditions, variables } = compiledOf(policy);
  if (conditions.length === 0) return true;
  const bare = admissionVariables({ request, kind, authorize, params, objects: versioned(request, kind) });
  const composed = withComposed(bare, variables, new CostMeter(RUNTIME_BUDGET));
  return matchesConditions(conditions, composed, policy.spec?.failurePolicy);
}

/** Runs a policy's mutations in order; one that fails is left out. */
export function mutateByPolicy(
  request: DynamicRequest,
  invocation: MutatingInvocation,
  { lookup, authorize }: PolicyServices,
): Omit<MutationOutcome, 'invoked'> {
  const { policy, kind, params } = invocation;
  const compiled = compiledOf(policy);
  const namespace = requestNamespace(request, lookup);
  const errors: string[] = [];
  let stored = request.object;
  for (const mutation of compiled.mutations) {
    const objects = versioned({ ...request, object: stored }, kind);
    if (objects.object === null) continue;
    const meter = new CostMeter(RUNTIME_BUDGET);
    const bare = admissionVariables({ request, kind, authorize, params, objects, namespace });
    const variables = withComposed(bare, compiled.variables, meter);
    const result = mutated(mutation, invocation, { object: objects.object, variables }, meter);
    if (result.ok) stored = request.reread(unversioned(request, kind, result.object as KubernetesObject));
    else errors.push(result.message);
  }
  return { object: stored, errors };
}
