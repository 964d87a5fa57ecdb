import { define } from '../deep.ts';
import { printFieldPath } from './fields-v1.ts';
import {
  type Fields,
  fieldType,
  isEmptyContainer,
  isFields,
  itemElement,
  itemType,
  shapeOf,
  TypedValueError,
  type TypeRef,
} from './typed-value.ts';

interface Indexed {
  readonly elements: readonly string[];
  /** Undefined for an identity that stands several times. */
  readonly items: ReadonlyMap<string, unknown>;
}

function indexItems(list: readonly unknown[], type: TypeRef, allowDuplicates: boolean): Indexed {
  const items = new Map<string, unknown>();
  const elements = list.map((item) => {
    const element = itemElement(item, type);
    if (!items.has(element)) items.set(element, item);
    else if (allowDuplicates) items.set(element, undefined);
    else throw new TypedValueError(`duplicate entries for key ${printFieldPath([element])}`);
    return element;
  });
  return { elements, items };
}

/**
 * The order of two merged lists: the configuration's order for what it names; what only the live list has stays
 * before the shared item that followed it. Gives pairs of positions: an index into `left`, or into `right`.
 */
class ListWeaver {
  readonly left: Indexed;
  readonly right: Indexed;
  readonly shared: string[];
  readonly merged = new Set<string>();
  l = 0;
  r = 0;

  constructor(left: Indexed, right: Indexed) {
    this.left = left;
    this.right = right;
    this.shared = right.elements.filter((element) => left.items.has(element));
  }

  private get hasLeft(): boolean {
    return this.l < this.left.elements.length;
  }

  private get hasRight(): boolean {
    return this.r < this.right.elements.length;
  }

  private leftElement(): string {
    return this.left.elements[this.l] ?? '';
  }

  private takeRight(): string {
    const element = this.right.elements[this.r++] ?? '';
    this.merged.add(element);
    if (this.shared[0] === element) this.shared.shift();
    return element;
  }

  /** Steps over a left item that comes later in the configuration's order. */
  private isDisplaced(element: string): boolean {
    return this.right.items.has(element) && this.shared.length > 0 && this.shared[0] !== element;
  }

  /** Moves past live items whose place the configuration decides. */
  private skipDisplaced(): void {
    while (this.hasLeft && this.hasRight) {
      const element = this.leftElement();
      if (element === this.right.elements[this.r] || !this.isDisplaced(element)) return;
      this.l++;
    }
  }

  /** The next item: its identity, and its place on the left if only the left has it. */
  next(): { readonly element: string; readonly position?: number } | undefined {
    this.skipDisplaced();
    const element = this.leftElement();
    const isShared = this.right.items.has(element);
    if (this.hasLeft && !isShared) return { element, position: this.l++ };
    if (this.hasLeft && (element === this.right.elements[this.r] || this.merged.has(element))) this.l++;
    if (this.hasRight) return { element: this.takeRight() };
    return this.hasLeft ? this.next() : undefined;
  }
}

function mergeLists(before: readonly unknown[], config: readonly unknown[], type: TypeRef): readonly unknown[] {
  const left = indexItems(before, type, true);
  const right = indexItems(config, type, false);
  const weaver = new ListWeaver(left, right);
  const result: unknown[] = [];
  for (let step = weaver.next(); step !== undefined; step = weaver.next()) {
    const { element, position } = step;
    result.push(
      position === undefined
        ? mergeTyped(left.items.get(element), right.items.get(element), itemType(type))
        : before[position],
    );
  }
  return result;
}

function mergeFields(before: Fields, config: Fields, type: TypeRef): Fields {
  const result: Record<string, unknown> = { ...before };
  for (const name of Object.keys(config)) {
    const current = Object.hasOwn(before, name) ? before[name] : undefined;
    define(result, name, mergeTyped(current, config[name], fieldType(type, name)));
  }
  return result;
}

/** The live value with a configuration laid over it. Throws TypedValueError where a list can't be keyed. */
export function mergeTyped(before: unknown, config: unknown, type: TypeRef): unknown {
  if (before === undefined || config === undefined) return config ?? before;
  if (isEmptyContainer(before) && isEmptyContainer(config)) return config;
  const shape = shapeOf(config, type);
  if (shape === 'leaf' || shape !== shapeOf(before, type)) return config;
  if (Array.isArray(before) && Array.isArray(config)) return mergeLists(before, config, type);
  return isFields(before) && isFields(config) ? mergeFields(before, config, type) : config;
}
