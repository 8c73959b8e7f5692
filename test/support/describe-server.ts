import { describe } from 'vitest';
import { reason } from './redis/errors.js';
import { findRedisBinary, RedisUnavailableError, type ServerName } from './redis/index.js';

/**
 * Tests that need one of the newer servers. Where it cannot be had they are skipped, and both their name and a line on
 * the output say why. To be awaited at the top of a file.
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

/** A server that is there and does not run is no reason to skip anything. */
async function whyMissing(server: ServerName): Promise<string | undefined> {
  try {
    await findRedisBinary({ server });
    return undefined;
  } catch (error) {
    if (error instanceof RedisUnavailableError) return reason(error);
    throw error;
  }
}
