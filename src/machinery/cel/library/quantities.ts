import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
  quantityToFloat,
  subtractQuantities,
} from '../../quantity.ts';
import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, CelError } from '../values.ts';

const TYPE: CelType = { kind: 'abstract', name: 'kubernetes.Quantity' };
const NANO = 1_000_000_000n;
const MAX = 2n ** 63n;

/** A quantity as a value of expressions. */
interface QuantityValue extends AbstractValue {
  readonly quantity: Quantity;
}

function quantityValue(quantity: Quantity): QuantityValue {
  return { celType: TYPE, identity: String(quantity.nano), quantity };
}

function parse(text: string): QuantityValue {
  const parsed = parseQuantity(text);
  if (!parsed.ok)
    throw new CelError(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`);
  return quantityValue(parsed.value);
}

function isInteger({ quantity: { nano } }: QuantityValue): boolean {
  return nano % NANO === 0n && nano / NANO < MAX && nano / NANO >= -MAX;
}

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw new CelError('cannot convert value to integer');
  return value.quantity.nano / NANO;
}

const compare = (a: QuantityValue, b: QuantityValue): number => compareQuantities(a.quantity, b.quantity);

/** Kubernetes' quantities. */
export const quantities: readonly Overload[] = [
  overload('quantity(string): kubernetes.Quantity', parse, (text) => text.length / 10),
  overload(
    'isQuantity(string): bool',
    (text: string) => canonicalQuantity(text) !== undefined,
    (text) => text.length / 10,
  ),
  overload('kubernetes.Quantity.sign(): int', ({ quantity: { nano } }: QuantityValue) =>
    nano > 0n ? 1n : nano < 0n ? -1n : 0n,
  ),
  overload('kubernetes.Quantity.isInteger(): bool', isInteger),
  overload('kubernetes.Quantity.asInteger(): int', asInteger),
  overload('kubernetes.Quantity.asApproximateFloat(): double', (v: QuantityValue) => quantityToFloat(v.quantity)),
  overload(
    'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
    (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0,
  ),
  overload(
    'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
    (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0,
  ),
  overload('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: QuantityValue, b: QuantityValue) =>
    BigInt(compare(a, b)),
  ),
  overload('kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity', (a: QuantityValue, b: QuantityValue) =>
    quantityValue(addQuantities(a.quantity, b.quantity)),
  ),
  overload('kubernetes.Quantity.add(int): kubernetes.Quantity', (a: QuantityValue, b: bigint) =>
    quantityValue(addQuantities(a.quantity, quantityOf(b))),
  ),
  overload('kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity', (a: QuantityValue, b: QuantityValue) =>
    quantityValue(subtractQuantities(a.quantity, b.quantity)),
  ),
  overload('kubernetes.Quantity.sub(int): kubernetes.Quantity', (a: QuantityValue, b: bigint) =>
    quantityValue(subtractQuantities(a.quantity, quantityOf(b))),
  ),
  overload('string(kubernetes.Quantity): string', (v: QuantityValue) => formatQuantity(v.quantity)),
];
