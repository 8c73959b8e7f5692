import { afterEach, describe, expect, test } from 'vitest';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import { codesOf, findingsIn, findingsOf } from '../../support/doctor/run.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const open: RawClients[] = [];
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const close = () => open.splice(0).forEach((clients) => clients[Symbol.dispose]());
afterEach(close);

/** Connects once for each command, at this rate, until it is stopped. */
function connectPerRequest(perSecond: number): { stop: () => Promise<void> } {
  const stopped = new AbortController();
  const work = (async () => {
    while (!stopped.signal.aborted) {
      const [clients] = await Promise.all([
        openRaw(redis.server, 5, 'INCR requests'),
        pass(5_000 / perSecond),
      ]);
      clients[Symbol.dispose]();
    }
  })();
  return {
    stop: () => {
      stopped.abort();
      return work;
    },
  };
}

describe('a connection for each request', () => {
  test('is found in two samples', async () => {
    const program = connectPerRequest(50);
    await pass(500);
    const found = await findingsOf(redis.server.url, '--sample', '3s').finally(program.stop);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ['connection-per-request', 'warning'],
    ]);
    expect(Number(found[0]?.evidence.perSecond)).toBeGreaterThan(10);
  });

  test('is found in one sample, by the ids of connections that stay', async () => {
    open.push(await openRaw(redis.server, 3, 'PING'));
    const program = connectPerRequest(50);
    await pass(11_500);
    const list = await redis.admin.client('LIST').finally(program.stop);
    expect((await findingsIn(list as string)).map(({ code }) => code)).toEqual(['connection-per-request']);
  });

  test('is not reported for a probe every half second', async () => {
    const program = connectPerRequest(10); // five at once
    await pass(500);
    expect(await codesOf(redis.server.url, '--sample', '3s').finally(program.stop)).toEqual([]);
  });
});
