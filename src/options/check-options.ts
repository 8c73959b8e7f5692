import type { ClusterNode, RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';

/** The bounds that a number is checked against. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

/** A number that came as text, with a unit perhaps. Any other text may be a secret. */
const HARMLESS = /^[+-]?[\d.]{0,15} ?[a-z]{0,2}$/i;

/** How a value is shown in a message: its type and, where that is harmless, the value itself. */
function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value !== 'string') return `of type ${typeof value}`;
  return HARMLESS.test(value) ? `the string "${value}"` : 'a string';
}

/** A failure of type, worded the same everywhere. The value is shown: never pass a secret. */
export function wrongType(option: string, value: unknown, expected: string): HygieneError {
  return new HygieneError('HYG_OPTION_TYPE', `Option "${option}" is ${shown(value)}, expected ${expected}.`, {
    details: { option, expected },
  });
}

/**
 * Checks that a value is a whole number within bounds.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkInteger(option: string, value: unknown, { min, max, unit }: Bounds): number {
  const scale = `${min} to ${max}${unit ? ` ${unit}` : ''}`;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw wrongType(option, value, `a whole number from ${scale}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new HygieneError(
      'HYG_OPTION_RANGE',
      `Option "${option}" is ${value}, expected a whole number from ${scale}.`,
      {
        details: { option, value, min, max },
      },
    );
  }
  return value;
}

/** Refuses what has no names, and names that nothing reads; says which name was probably meant. */
export function checkNames(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrongType(`options of ${where}`, given, `an object with ${known.join(', ')}`);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = known.find((candidate) =>
      candidate.toLowerCase().startsWith(name.toLowerCase().slice(0, 3)),
    );
    const hint = near ? `, did you mean "${near}"?` : `, expected one of: ${known.join(', ')}.`;
    throw new HygieneError('HYG_OPTION_UNKNOWN', `Unknown option "${name}" of ${where}${hint}`, {
      details: { option: name, known },
    });
  }
}

/**
 * The nodes that a Cluster begins with. Of an empty list ioredis says nothing: it looks for nodes for ever.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`
 */
export function checkNodes(nodes: ClusterNode[]): ClusterNode[] {
  if (Array.isArray(nodes) && nodes.length > 0) return nodes;
  throw wrongType('nodes', nodes, 'an array of at least one node, such as { host: "10.0.0.1", port: 6379 }');
}

/** As ioredis reads a port: nothing and 0 stand for its default, and digits are a number. */
function checkPort(option: string, port: unknown): void {
  if (!port || (typeof port === 'string' && /^\d+$/.test(port) && Number(port) <= 65_535)) return;
  checkInteger(option, port, { min: 1, max: 65_535 });
}

function checkSentinel(sentinel: unknown, index: number): void {
  const option = `sentinels[${index}]`;
  if (typeof sentinel !== 'object' || sentinel === null) {
    throw wrongType(option, sentinel, 'an address such as { host: "10.0.0.1", port: 26379 }');
  }
  const { host, port } = sentinel as { readonly host?: unknown; readonly port?: unknown };
  if (host !== undefined && host !== null && typeof host !== 'string') {
    throw wrongType(`${option}.host`, host, 'a host name or an address');
  }
  checkPort(`${option}.port`, port);
}

/**
 * Sentinels are asked for a name: both are needed.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkSentinels({ sentinels, name, role }: RedisOptions): void {
  if (!sentinels) return; // null means none, as in ioredis
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw wrongType('sentinels', sentinels, 'an array of at least one { host, port }');
  }
  sentinels.forEach(checkSentinel);
  if (typeof name !== 'string' || name === '') {
    throw wrongType('name', name, 'the name of the master that the sentinels watch');
  }
  const roles: readonly unknown[] = ['master', 'slave', undefined, null];
  if (!roles.includes(role)) throw wrongType('role', role, '"master" or "slave", as ioredis calls it');
}
