import { createHash } from 'node:crypto';

/** Numbers for what cannot be compared by its contents. */
const numbers = new WeakMap<object, number>();
let last = 0;

function numberOf(value: object): number {
  const known = numbers.get(value) ?? (last += 1);
  numbers.set(value, known);
  return known;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

/** Functions and instances (a SecureContext) are themselves, and nothing else is. */
function comparable(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return `[function ${numberOf(value)}]`;
  if (typeof value === 'object' && value !== null && !isPlain(value)) return `[object ${numberOf(value)}]`;
  return value;
}

/** The same text for the same options, and another for others. It shows no password. */
export function fingerprint(...options: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(options, comparable)).digest('base64');
}
