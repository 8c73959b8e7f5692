import type { ClusterNode, RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';

/** The bounds of a whole number. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Shown in messages. */
  readonly unit?: string;
}

/**
 * Checks that a value is a whole number within bounds.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkInteger(option: string, value: unknown, { min, max, unit }: Bounds): number {
  const range = `${min} to ${max}${unit ? ` ${unit}` : ''}`;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw optionTypeError(option, value, `a whole number from ${range}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new HygieneError(
      'HYG_OPTION_RANGE',
      `Option "${option}" is ${value}, expected a whole number from ${range}.`,
      {
        details: { option, value, min, max },
      },
    );
  }
  return value;
}

/**
 * Checks that `given` is an object and has only known option names. The message suggests a similar known name.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_UNKNOWN`
 */
export function checkOptionNames(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw optionTypeError(`options of ${where}`, given, `an object with ${known.join(', ')}`);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const similar = known.find((candidate) =>
      candidate.toLowerCase().startsWith(name.toLowerCase().slice(0, 3)),
    );
    const hint = similar ? `, did you mean "${similar}"?` : `, expected one of: ${known.join(', ')}.`;
    throw new HygieneError('HYG_OPTION_UNKNOWN', `Unknown option "${name}" of ${where}${hint}`, {
      details: { option: name, known },
    });
  }
}

/** Creates the error for an option of the wrong type. The message shows some values: never pass a secret. */
export function optionTypeError(option: string, value: unknown, expected: string): HygieneError {
  const needsNumber = expected.includes('number') && isNumericText(value);
  const hint = needsNumber ? ' Variables of the environment are texts: convert it with Number(…).' : '';
  const message = `Option "${option}" is ${describeValue(value)}, expected ${expected}.${hint}`;
  return new HygieneError('HYG_OPTION_TYPE', message, { details: { option, expected } });
}

function isNumericText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

/** What a connection is given as, in messages. */
export const CONNECTION_FORMS = 'a URL or ioredis options';

/** Methods that clients, Clusters, pools and factories have, of ioredis and of other packages, and that no options have. */
const CLIENT_METHODS = ['sendCommand', 'customCommand', 'duplicate', 'connect', 'acquire', 'client'] as const;

/**
 * Checks that options are neither an array nor a client. ioredis takes the properties of a client for options, finds no
 * address among them, and dials localhost:6379.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`
 */
export function checkPlainOptions(option: string, given: object): void {
  if (Array.isArray(given)) throw optionTypeError(option, given, CONNECTION_FORMS);
  const members = given as Readonly<Record<string, unknown>>;
  if (!CLIENT_METHODS.some((name) => typeof members[name] === 'function')) return;
  const what = `Option "${option}" is a client, expected ${CONNECTION_FORMS}: those that the client was made with.`;
  throw new HygieneError('HYG_OPTION_TYPE', what, { details: { option, expected: CONNECTION_FORMS } });
}

/** A number as text, perhaps with a unit. Any other text may be a secret. */
const NUMERIC_TEXT = /^[+-]?[\d.]{0,15} ?[a-z]{0,2}$/i;

/** The type of a value or, if it cannot be a secret, the value itself. */
function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value !== 'string') return `of type ${typeof value}`;
  return NUMERIC_TEXT.test(value) ? `the string "${value}"` : 'a string';
}

/**
 * Checks the startup nodes of a Cluster. ioredis does not reject an empty list: it looks for nodes forever.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`
 */
export function checkClusterNodes(nodes: ClusterNode[]): ClusterNode[] {
  if (Array.isArray(nodes) && nodes.length > 0) return nodes;
  throw optionTypeError(
    'nodes',
    nodes,
    'an array of at least one node, such as { host: "10.0.0.1", port: 6379 }',
  );
}

/**
 * Checks the options that a client of sentinels needs: their addresses, the name of the master, and the role.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkSentinels({ sentinels, name, role }: RedisOptions): void {
  if (!sentinels) return; // null means none, as in ioredis
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw optionTypeError('sentinels', sentinels, 'an array of at least one { host, port }');
  }
  sentinels.forEach(checkSentinel);
  if (typeof name !== 'string' || name === '') {
    throw optionTypeError('name', name, 'the name of the master that the sentinels monitor');
  }
  const roles: readonly unknown[] = ['master', 'slave', undefined, null];
  if (!roles.includes(role)) {
    throw optionTypeError('role', role, '"master" or "slave", the names that ioredis uses');
  }
}

function checkSentinel(sentinel: unknown, index: number): void {
  const option = `sentinels[${index}]`;
  if (typeof sentinel !== 'object' || sentinel === null) {
    throw optionTypeError(option, sentinel, 'an address such as { host: "10.0.0.1", port: 26379 }');
  }
  const { host, port } = sentinel as { readonly host?: unknown; readonly port?: unknown };
  if (host !== undefined && host !== null && typeof host !== 'string') {
    throw optionTypeError(`${option}.host`, host, 'a host name or an address');
  }
  checkPort(`${option}.port`, port);
}

/** Accepts what ioredis accepts: a missing port and 0 stand for the default, and digits are a number. */
function checkPort(option: string, port: unknown): void {
  if (!port || (typeof port === 'string' && /^\d+$/.test(port) && Number(port) <= 65_535)) return;
  checkInteger(option, port, { min: 1, max: 65_535 });
}
