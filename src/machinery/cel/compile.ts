import { CelSyntaxError, type Node, printIssue } from './ast.ts';
import { checkCel, type Declarations } from './check.ts';
import { type DeclaredSizes, estimateCost } from './estimate-cost.ts';
import { CostMeter, evaluateCel } from './evaluate.ts';
import { addresses } from './library/addresses.ts';
import { authorizers } from './library/authorizer.ts';
import { collections } from './library/collections.ts';
import { conversions } from './library/conversions.ts';
import { formats } from './library/formats.ts';
import { jsonPatches } from './library/json-patches.ts';
import { numbers } from './library/numbers.ts';
import { operators } from './library/operators.ts';
import { quantities } from './library/quantities.ts';
import { semvers } from './library/semvers.ts';
import { strings } from './library/strings.ts';
import { times } from './library/times.ts';
import { urls } from './library/urls.ts';
import { type Functions, functionsOf } from './overload.ts';
import { parseCel } from './parse.ts';
import type { CelType } from './types.ts';

const libraries = [
  operators,
  conversions,
  strings,
  collections,
  numbers,
  times,
  quantities,
  urls,
  addresses,
  formats,
  semvers,
  authorizers,
];

/** Everything that expressions in Kubernetes may call. */
export const kubernetesFunctions: Functions = functionsOf(...libraries);

/** What those may call that make patches. */
export const patchFunctions: Functions = functionsOf(...libraries, jsonPatches);

/** A compiled expression. */
export interface CelProgram {
  readonly type: CelType;
  /** Variables that the expression refers to. */
  readonly references: ReadonlySet<string>;
  /** What evaluating may cost at most, by the sizes that are declared. */
  readonly estimate: (sizes: DeclaredSizes) => number;
  /** Evaluates, spending from the meter. Throws CelError with cel-go's message. */
  readonly evaluate: (variables: ReadonlyMap<string, unknown>, meter: CostMeter) => unknown;
}

/** A program, or what is wrong with the expression as cel-go prints it. */
export type Compiled =
  | { readonly ok: true; readonly program: CelProgram }
  | { readonly ok: false; readonly message: string };

/** What one expression may cost, in upstream's units. */
export const PER_CALL_LIMIT = 1_000_000;
/** What all rules of one object may cost together. */
export const RUNTIME_BUDGET = 10_000_000;

function parsedOr(source: string): Node | string {
  try {
    return parseCel(source);
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    return printIssue(source, error.at, error.message);
  }
}

/** Parses and checks an expression over these variables. Never throws. */
export function compileCel(
  source: string,
  variables: ReadonlyMap<string, CelType>,
  options: { readonly functions?: Functions; readonly structs?: Declarations['structs'] } = {},
): Compiled {
  const { functions = kubernetesFunctions, structs } = options;
  const node = parsedOr(source);
  if (typeof node === 'string') return { ok: false, message: node };
  const { type, issues, references, types } = checkCel(node, { variables, functions, ...(structs && { structs }) });
  if (issues.length > 0) {
    return { ok: false, message: issues.map(({ at, message }) => printIssue(source, at, message)).join('\n') };
  }
  const evaluate = (values: ReadonlyMap<string, unknown>, meter: CostMeter): unknown => {
    const own = new CostMeter(Math.min(PER_CALL_LIMIT, meter.limit - meter.spent));
    try {
      return evaluateCel(node, values, { functions, meter: own });
    } finally {
      meter.spent += own.spent;
    }
  };
  const estimate = (sizes: DeclaredSizes): number => estimateCost(node, { types, functions, sizes });
  return { ok: true, program: { type, references, estimate, evaluate } };
}
