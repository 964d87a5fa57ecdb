import { type CelProgram, compileCel } from '../../machinery/cel/compile.ts';
import { resourceSchema, schemaType } from '../../machinery/cel/schema-values.ts';
import { type CelType, optionalOf } from '../../machinery/cel/types.ts';
import type { StructuralSchema, ValidationRule } from '../../machinery/structural/schema.ts';
import { schemaPathOf } from './field-path-of.ts';

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CelProgram;
  readonly message: CelProgram | undefined;
  readonly usesOldSelf: boolean;
  /** Where the finding belongs, below the rule's own place; '' for that place itself. */
  readonly fieldPath: string;
}

/** A compiled rule, or upstream's sentences about what is wrong with its parts. */
export type RuleOutcome =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly part: 'rule' | 'messageExpression'; readonly detail: string };

/** What rules at a place of the schema see as `self`; a root has the fields of every resource. */
export function scopeSchema(schema: StructuralSchema, isRoot: boolean): StructuralSchema {
  return isRoot ? resourceSchema(schema) : schema;
}

function variablesOf(type: CelType, rule: ValidationRule): ReadonlyMap<string, CelType> {
  const old = rule.optionalOldSelf === true ? optionalOf(type) : type;
  return new Map([
    ['self', type],
    ['oldSelf', old],
  ]);
}

function failed(part: 'rule' | 'messageExpression', detail: string): RuleOutcome {
  return { ok: false, part, detail };
}

/** Compiles one rule of a schema; `scope` is what `scopeSchema` gives. */
export function compileRule(rule: ValidationRule, scope: StructuralSchema): RuleOutcome {
  const type = schemaType(scope);
  if (type === undefined) return failed('rule', 'failed to convert to declType for CEL validation rules');
  const variables = variablesOf(type, rule);
  const compiled = compileCel(rule.rule ?? '', variables);
  if (!compiled.ok) return failed('rule', `compilation failed: ${compiled.message}`);
  const { program } = compiled;
  if (program.type.kind !== 'bool') return failed('rule', 'cel expression must evaluate to a bool');
  const message = rule.messageExpression ? compileCel(rule.messageExpression, variables) : undefined;
  if (message?.ok === false) {
    return failed('messageExpression', `messageExpression compilation failed: ${message.message}`);
  }
  if (message !== undefined && message.program.type.kind !== 'string') {
    return failed('messageExpression', 'messageExpression must evaluate to a string');
  }
  const path = rule.fieldPath ? schemaPathOf(rule.fieldPath, scope) : undefined;
  return {
    ok: true,
    rule: {
      rule,
      program,
      message: message?.program,
      usesOldSelf: program.references.has('oldSelf'),
      fieldPath: path?.ok ? path.value.text : '',
    },
  };
}
