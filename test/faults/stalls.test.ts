import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS, OURS, type Contestant } from './rig/contestant.js';
import { faults } from './rig/use-rig.js';

const STOPPED_MS = 30_000;
const SCRIPT_MS = 20_000;
const SCRIPT_CLIENTS = 200;
const BLOCKED_MS = 10_000;
/** Long enough to notice a connection that was wrongly given up. */
const AFTERMATH_MS = 8_000;

const BUSY_SCRIPT = `
  local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
  local stop = now() + tonumber(ARGV[1])
  while now() < stop do end`;

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function clientsOf(contestant: Contestant, since: number, event: string): unknown[] {
  return [...new Set(contestant.since(since, event).map(({ client }) => client))].sort();
}

await faults('a silent server that is alive keeps its connections', (rig) => {
  test.for(CONTESTANTS)('stopped for 30 s: %s', async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who);
    const { host, port } = server;
    const all = ['idle', 'inflight', 'subscriber'];
    for (const name of all) await contestant.open(name, { host, port });
    await contestant.call('subscriber', 'subscribe', 'news');
    const ids = async () => (await rig().observer.rows(port)).map(({ id }) => id).sort((a, b) => a - b);
    const before = await ids();

    const at = Date.now();
    server.pause();
    await contestant.send('inflight', 'get', 'key');
    await sleep(STOPPED_MS);
    server.resume();
    await sleep(AFTERMATH_MS);
    record(
      context,
      who,
      '4 connections lost of 3, server stopped for 30 s',
      contestant.since(at, 'reconnecting').length,
    );
    expect(await ids()).toEqual(before);
    expect(contestant.since(at, 'reconnecting')).toEqual([]);
    if (who.startsWith('raw')) return;
    expect(clientsOf(contestant, at, 'stalled')).toEqual(all);
    expect(clientsOf(contestant, at, 'recovered')).toEqual(all);
  });

  test(`busy with a script for ${SCRIPT_MS / 1_000} s, with ${SCRIPT_CLIENTS} clients`, async (context) => {
    // One server for both contestants: a busy script takes a whole core from the other scenarios.
    await using server = await rig().redis('--busy-reply-threshold', '600000');
    const { host, port } = server;
    await using five = await rig().contestant('ours5');
    await using six = await rig().contestant('ours6');
    for (const contestant of [five, six]) {
      const opened = names('c', SCRIPT_CLIENTS).map((name) => contestant.open(name, { host, port }));
      await Promise.all(opened);
    }
    const at = Date.now();
    await rig().observer.call(port, 'eval', BUSY_SCRIPT, 0, SCRIPT_MS);
    await sleep(AFTERMATH_MS);
    for (const contestant of [five, six]) {
      const lost = contestant.since(at, 'reconnecting').length;
      record(context, contestant.who, `4 connections lost of ${SCRIPT_CLIENTS}, script of 20 s`, lost);
      expect(lost).toBe(0);
      // Otherwise the script was over before a client was checked, and the scenario would prove nothing.
      expect(contestant.since(at, 'stalled').length).toBeGreaterThan(0);
    }
    expect(await rig().observer.rows(port)).toHaveLength(2 * SCRIPT_CLIENTS);
  });

  test.for(OURS)(
    'while the event loop of the client is blocked for 10 s and answers wait unread: %s',
    async (who, context) => {
      await using server = await rig().redis();
      const { host, port } = server;
      const fast = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
      await using contestant = await rig().contestant(who, { defaults: {}, fast });
      for (const from of ['defaults', 'fast']) {
        for (const name of names(from, 20)) await contestant.open(name, { host, port }, from);
      }
      await sleep(12_000);
      const at = Date.now();
      // PINGs are sent and stay unanswered; the answers come while the process cannot read them.
      server.pause();
      await sleep(3_000);
      const blocked = contestant.block(BLOCKED_MS);
      await sleep(1_000);
      server.resume();
      await blocked;
      await sleep(AFTERMATH_MS);
      const lost = contestant.since(at, 'reconnecting').length;
      record(context, who, '4 connections lost of 40, event loop blocked for 10 s', lost);
      expect(lost).toBe(0);
      expect(await rig().observer.rows(port)).toHaveLength(40);
    },
  );
});
