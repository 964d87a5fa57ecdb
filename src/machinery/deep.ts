import { safeEncode } from './generate-name.ts';

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function equalObjects(a: { readonly [key: string]: unknown }, b: { readonly [key: string]: unknown }): boolean {
  let keys = 0;
  for (const k in a) {
    if (a[k] === undefined) continue;
    keys++;
    if (!deepEqual(a[k], b[k])) return false;
  }
  for (const k in b) if (b[k] !== undefined) keys--;
  return keys === 0;
}

/** JSON equality. Order of keys doesn't matter; a field with undefined equals an absent one. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  return isObject(a) && isObject(b) && equalObjects(a, b);
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function equalObjectsSemantic(a: { readonly [key: string]: unknown }, b: { readonly [key: string]: unknown }): boolean {
  for (const k in a) if (!semanticEqual(a[k], b[k])) return false;
  for (const k in b) if (!(k in a) && !semanticEqual(undefined, b[k])) return false;
  return true;
}

/** `equality.Semantic`: like `deepEqual`, and absent equals an empty list or object. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => semanticEqual(item, b[i]));
  }
  if (isObject(a) && isObject(b)) return equalObjectsSemantic(a, b);
  return isAbsent(a) && isAbsent(b);
}

/** An independent copy of a JSON value; undefined fields are left out. */
export function cloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(value)) if (v !== undefined) define(copy, k, cloneJson(v));
  return copy as T;
}

/** Sets an own field even where the name is `__proto__`: request bodies may contain it. */
export function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else target[name] = value;
}

/** JSON with sorted keys: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v ?? null)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const fields = Object.keys(value)
    .filter((k) => value[k] !== undefined)
    .sort()
    .map((k) => `${JSON.stringify(k)}:${canonicalJson(value[k])}`);
  return `{${fields.join(',')}}`;
}

/** 32-bit FNV-1a over the text's UTF-16 code units; unsigned. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** A stable hash of a JSON value that is safe in names and labels: pod-template-hash, controller-revision-hash. */
export function hashObject(value: unknown, collisionCount?: number): string {
  const salt = collisionCount === undefined ? '' : `#${collisionCount}`;
  return safeEncode(String(fnv1a(canonicalJson(value) + salt)));
}
