import type { RedisOptions } from 'ioredis';
import { checkInteger, wrongType } from './check.js';

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
