import type { Redis } from 'ioredis';
import { createDeadline, systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { optionTypeError } from '../options/check-options.js';

/** Checks that an adapter is given a factory. @throws HygieneError `HYG_OPTION_TYPE` */
export function checkFactory(factory: unknown, ...methods: readonly string[]): void {
  const members = (factory ?? {}) as Readonly<Record<string, unknown>>;
  if (methods.every((method) => typeof members[method] === 'function')) return;
  throw optionTypeError(
    'factory',
    factory,
    'what createRedisFactory() or defaultFactory() returns, not one of its clients',
  );
}

/**
 * Checks a factory of the application in the place of options for one: other options would have no effect.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_UNKNOWN`
 */
export function checkGivenFactory(factory: unknown, otherOptions: object): void {
  checkFactory(factory, 'client', 'health', 'shutdown');
  const [unused] = Object.keys(otherOptions);
  if (unused === undefined) return;
  throw new HygieneError(
    'HYG_OPTION_UNKNOWN',
    `Option "${unused}" would have no effect beside "factory", which has its own options. ` +
      'Pass it to createRedisFactory(), or leave out "factory".',
    { details: { option: unused } },
  );
}

/**
 * Closes clients whose factory stays open: by QUIT, after the replies that are pending, and by force when `timeoutMs` is over.
 * Clients that the application has closed are left alone.
 */
export async function closeClients(clients: readonly Redis[], timeoutMs: number): Promise<void> {
  const deadline = createDeadline(systemClock, timeoutMs);
  await deadline.race(Promise.all(clients.map(quit)));
  clients.forEach((client) => client.disconnect());
}

/** Only a client that is connected can quit at once: any other would dial for it. */
async function quit(client: Redis): Promise<void> {
  if (client.status !== 'ready') return;
  await client.quit().catch(() => undefined); // a connection that is lost meanwhile is closed too
}
