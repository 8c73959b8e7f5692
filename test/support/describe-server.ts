import { describe } from 'vitest';
import { reason } from './redis/errors.js';
import { findRedisBinary, RedisUnavailableError, type ServerName } from './redis/index.js';

/**
 * Defines tests that need one of the newer servers. If the server is not available they are skipped, and both their name
 * and a line on stderr contain the reason. Must be awaited at the top level of a file.
 */
export async function describeServer(server: ServerName, define: () => void): Promise<void> {
  const missing = await whyMissing(server);
  if (missing === undefined) {
    describe(server, define);
    return;
  }
  process.stderr.write(`The tests on ${server} are skipped: ${missing}\n`);
  describe.skip(`${server} (skipped: ${missing})`, define);
}

/** The reason why a server is not available. @throws Error if it is available but does not run */
async function whyMissing(server: ServerName): Promise<string | undefined> {
  try {
    await findRedisBinary({ server });
    return undefined;
  } catch (error) {
    if (error instanceof RedisUnavailableError) return reason(error);
    throw error;
  }
}
