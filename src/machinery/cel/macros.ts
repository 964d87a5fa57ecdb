import type { Node } from './ast.ts';

/** What a comprehension makes of its range. */
export type Form = 'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap';

/** A call that isn't one: its arguments are evaluated in their own way. */
export type Macro =
  | { readonly is: 'has'; readonly select: Node & { readonly op: 'select' } }
  | { readonly is: 'bind'; readonly name: string; readonly init: Node; readonly body: Node }
  | { readonly is: 'optMap' | 'optFlatMap'; readonly target: Node; readonly name: string; readonly body: Node }
  | {
      readonly is: 'comprehension';
      readonly form: Form;
      readonly range: Node;
      /** One name (item or key), or two (index and item, key and value). */
      readonly names: readonly string[];
      readonly filter: Node | undefined;
      readonly body: Node;
    };

/** A macro, what is wrong with one, or undefined for an ordinary call. */
export type Recognized = Macro | { readonly is: 'wrong'; readonly at: number; readonly message: string } | undefined;

interface Shape {
  readonly form: Form;
  readonly names: number;
  readonly filtered?: boolean;
}

const one = (form: Form, filtered = false): Shape => ({ form, names: 1, filtered });
const two = (form: Form, filtered = false): Shape => ({ form, names: 2, filtered });

/** Comprehensions by name and number of arguments. */
const SHAPES: { readonly [call: string]: Shape } = {
  'all/2': one('all'),
  'exists/2': one('exists'),
  'exists_one/2': one('existsOne'),
  'existsOne/2': one('existsOne'),
  'map/2': one('map'),
  'map/3': one('map', true),
  'filter/2': one('filter'),
  'all/3': two('all'),
  'exists/3': two('exists'),
  'exists_one/3': two('existsOne'),
  'existsOne/3': two('existsOne'),
  'transformList/3': two('transformList'),
  'transformList/4': two('transformList', true),
  'transformMap/3': two('transformMap'),
  'transformMap/4': two('transformMap', true),
};

function nameOf(node: Node | undefined): string | undefined {
  return node?.op === 'ident' ? node.name : undefined;
}

function wrong(at: number, message: string): Recognized {
  return { is: 'wrong', at, message };
}

function comprehension(range: Node, shape: Shape, args: readonly Node[]): Recognized {
  const names = args.slice(0, shape.names).map(nameOf);
  const stray = names.indexOf(undefined);
  if (stray >= 0) return wrong(args[stray]?.at ?? 0, 'argument must be a simple name');
  const rest = args.slice(shape.names);
  const body = rest.at(-1);
  if (body === undefined) return undefined;
  const { form, filtered } = shape;
  return { is: 'comprehension', form, range, names: names as string[], filter: filtered ? rest[0] : undefined, body };
}

function recognizeHas(args: readonly Node[], at: number): Recognized {
  const [select] = args;
  if (args.length !== 1 || select === undefined) return undefined;
  return select.op === 'select' ? { is: 'has', select } : wrong(at, 'invalid argument to has() macro');
}

function recognizeNamed(is: 'bind' | 'optMap' | 'optFlatMap', target: Node, args: readonly Node[]): Recognized {
  const [variable, second, third] = args;
  const name = nameOf(variable);
  if (variable === undefined || second === undefined) return undefined;
  if (name === undefined) return wrong(variable.at, 'variable name must be a simple identifier');
  if (is !== 'bind') return args.length === 2 ? { is, target, name, body: second } : undefined;
  return third === undefined ? undefined : { is, name, init: second, body: third };
}

/** Recognizes a macro by its name and the number of its arguments. */
export function recognize(node: Node): Recognized {
  if (node.op !== 'call') return undefined;
  const { name, target, args, at } = node;
  if (target === undefined) return name === 'has' ? recognizeHas(args, at) : undefined;
  if (name === 'bind' && nameOf(target) === 'cel') return recognizeNamed('bind', target, args);
  if (name === 'optMap' || name === 'optFlatMap') return recognizeNamed(name, target, args);
  const key = `${name}/${args.length}`;
  const shape = Object.hasOwn(SHAPES, key) ? SHAPES[key] : undefined;
  return shape && comprehension(target, shape, args);
}
