import type { StructType } from '../../machinery/cel/check.ts';
import { type CelProgram, compileCel, kubernetesFunctions, patchFunctions } from '../../machinery/cel/compile.ts';
import { AUTHORIZER, RESOURCE_CHECK } from '../../machinery/cel/library/authorizer.ts';
import {
  BOOL,
  type CelType,
  DYN,
  INT,
  listOf,
  mapOf,
  printType,
  STRING,
  TIMESTAMP,
} from '../../machinery/cel/types.ts';

/** What expressions of admission may refer to. */
export interface ExpressionScope {
  /** The policy has parameters. */
  readonly params?: CelType;
  /** Authorizers can be asked. */
  readonly authorizer?: boolean;
  /** Objects and JSON patches can be made. */
  readonly patches?: boolean;
  /** Variables of the policy, in so far as they are defined before; undefined where there can be none. */
  readonly variables?: ReadonlyMap<string, CelType>;
  /** Type of the object; any, unless it is known. */
  readonly object?: CelType;
}

/** A compiled expression, or what is wrong with it in upstream's words. */
export type Expression =
  | { readonly ok: true; readonly program: CelProgram }
  | { readonly ok: false; readonly message: string };

/** Type of what an ApplyConfiguration expression makes. */
export const APPLY_OBJECT = structType('Object');
/** Type of one operation of what a JSONPatch expression makes. */
const JSON_PATCH = structType('JSONPatch');

/** What expressions must evaluate to, by their use. */
export const RETURNS = {
  condition: [BOOL],
  message: [STRING],
  annotation: [STRING, { kind: 'null' }],
  variable: undefined,
  applyConfiguration: [APPLY_OBJECT],
  jsonPatch: [listOf(JSON_PATCH)],
} as const satisfies { readonly [use: string]: readonly CelType[] | undefined };

function structType(name: string): CelType {
  return { kind: 'object', name, fields: new Map() };
}

function object(name: string, fields: { readonly [field: string]: CelType }): CelType {
  return { kind: 'object', name: `kubernetes.${name}`, fields: new Map(Object.entries(fields)) };
}

const strings = (...names: readonly string[]): { readonly [name: string]: CelType } =>
  Object.fromEntries(names.map((name) => [name, STRING]));

const GVK = object('GroupVersionKind', strings('group', 'version', 'kind'));
const GVR = object('GroupVersionResource', strings('group', 'version', 'resource'));
const REQUEST = object('AdmissionRequest', {
  ...strings('subResource', 'requestSubResource', 'name', 'namespace', 'operation'),
  kind: GVK,
  resource: GVR,
  requestKind: GVK,
  requestResource: GVR,
  userInfo: object('UserInfo', {
    ...strings('username', 'uid'),
    groups: listOf(STRING),
    extra: mapOf(STRING, listOf(STRING)),
  }),
  dryRun: BOOL,
  options: DYN,
});

const CONDITION = object('NamespaceCondition', {
  ...strings('status', 'type', 'message', 'reason'),
  lastTransitionTime: TIMESTAMP,
});
const NAMESPACE = object('Namespace', {
  metadata: object('NamespaceMetadata', {
    ...strings('name', 'generateName', 'namespace', 'UID', 'resourceVersion'),
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    creationTimestamp: TIMESTAMP,
    deletionTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    generation: INT,
    finalizers: listOf(STRING),
  }),
  spec: object('NamespaceSpec', { finalizers: listOf(STRING) }),
  status: object('NamespaceStatus', { conditions: listOf(CONDITION), phase: STRING }),
});

function declarations({ params, authorizer, variables, object: type = DYN }: ExpressionScope) {
  const declared = new Map<string, CelType>([
    ['object', type],
    ['oldObject', type],
    ['request', REQUEST],
    ['namespaceObject', NAMESPACE],
  ]);
  if (params !== undefined) declared.set('params', params);
  if (variables !== undefined) {
    declared.set('variables', { kind: 'object', name: 'kubernetes.variables', fields: variables });
  }
  if (authorizer) declared.set('authorizer', AUTHORIZER).set('authorizer.requestResource', RESOURCE_CHECK);
  return declared;
}

const PATCH_FIELDS: ReadonlyMap<string, CelType> = new Map([
  ['op', STRING],
  ['path', STRING],
  ['from', STRING],
  ['value', DYN],
]);

/** `Object`, `Object.spec`, … take any field; `JSONPatch` its four. */
function patchStruct(name: string): StructType | undefined {
  if (name === 'JSONPatch') return { type: JSON_PATCH, field: (field) => PATCH_FIELDS.get(field) };
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined;
  return { type: structType(name), field: () => DYN };
}

function isExactly(type: CelType, wanted: CelType): boolean {
  return printType(type) === printType(wanted);
}

function wrongType(type: CelType, wanted: readonly CelType[]): string {
  const [only] = wanted;
  const names = wanted.length === 1 && only ? printType(only) : `one of [${wanted.map(printType).join(' ')}]`;
  return `must evaluate to ${names} but got ${printType(type)}`;
}

/** Compiles an expression for one of its uses. Never throws. */
export function compileExpression(source: string, scope: ExpressionScope, use: keyof typeof RETURNS): Expression {
  const compiled = compileCel(source, declarations(scope), {
    functions: scope.patches ? patchFunctions : kubernetesFunctions,
    ...(scope.patches ? { structs: patchStruct } : {}),
  });
  if (!compiled.ok) return { ok: false, message: `compilation failed: ${compiled.message}` };
  const wanted: readonly CelType[] | undefined = RETURNS[use];
  const { type } = compiled.program;
  if (wanted === undefined || wanted.some((each) => isExactly(type, each))) return compiled;
  return { ok: false, message: wrongType(type, wanted) };
}

/** The part of a scope that comes with a policy's kind of parameters. */
export function paramScope(paramKind: object | undefined): Pick<ExpressionScope, 'params'> {
  return paramKind === undefined ? {} : { params: DYN };
}

/** What the expressions of a policy see, its variables among it. */
export function policyScope(spec: {
  readonly paramKind?: object;
  readonly variables?: Parameters<typeof compileVariables>[0];
}): ExpressionScope {
  const scope = { ...paramScope(spec.paramKind), authorizer: true };
  const { types } = compileVariables(spec.variables, scope);
  return { ...scope, ...((spec.variables ?? []).length > 0 ? { variables: types } : {}) };
}

/** A named expression of a policy. */
export interface NamedExpression {
  readonly name: string;
  readonly compiled: Expression;
}

/** Compiles a policy's variables; each sees those before it. Gives the types that later expressions see. */
export function compileVariables(
  variables: readonly { readonly name?: string; readonly expression?: string }[] | undefined,
  scope: ExpressionScope,
): { readonly compiled: readonly NamedExpression[]; readonly types: ReadonlyMap<string, CelType> } {
  const types = new Map<string, CelType>();
  const compiled = (variables ?? []).map(({ name = '', expression = '' }) => {
    const outcome = compileExpression(expression, { ...scope, variables: types }, 'variable');
    types.set(name, outcome.ok ? outcome.program.type : DYN);
    return { name, compiled: outcome };
  });
  return { compiled, types };
}
