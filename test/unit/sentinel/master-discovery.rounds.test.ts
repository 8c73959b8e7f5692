import { describe, expect, test } from 'vitest';
import { type FakeClock, turn } from '../../support/unit/fake-clock.js';
import { createFakeConnection, refusal } from '../../support/unit/sentinel/fake-subscription-connection.js';
import {
  at,
  createBench,
  knowsMaster,
  GET_MASTER_ADDRESS,
  type OpenSentinel,
} from '../../support/unit/sentinel/master-discovery-harness.js';

const neverAnswers: OpenSentinel = (_sentinel, listener) => createFakeConnection(listener);

/** Lets time pass until the promise is settled. */
async function advanceUntilSettled<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const run = { isSettled: false };
  void promise.finally(() => (run.isSettled = true));
  while (!run.isSettled) await clock.advance(100);
  return promise;
}

describe('a round', () => {
  test('is shared by all callers while it runs', async () => {
    const { discovery, takeAsked } = createBench({ 1: knowsMaster });
    const [one, other] = await Promise.all([discovery.findMaster(), discovery.findMaster()]);
    expect(one).toBe(other);
    await discovery.findMaster();
    expect(takeAsked()).toEqual([1, 1]);
  });

  test('that failed is followed by the next one after a pause, however many callers there are', async () => {
    const { clock, discovery, find, takeAsked } = createBench({});
    expect(await find()).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(takeAsked()).toEqual([1, 2, 3]);
    const searching = [discovery.findMaster(), discovery.findMaster()];
    await clock.advance(199);
    void discovery.findMaster();
    expect(takeAsked()).toEqual([]);
    await clock.advance(1);
    await Promise.all(searching);
    expect(takeAsked()).toEqual([1, 2, 3]);
  });

  test('in which the sentinels were too slow is followed by one with twice the limit, 10 s at most', async () => {
    const { clock, discovery } = createBench({}, { sentinels: [at(1)], open: neverAnswers });
    const limits: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { result } = await advanceUntilSettled(clock, discovery.findMaster());
      limits.push(Number(/within (\d+) ms/.exec((result as Error).message)?.[1]));
    }
    expect(limits).toEqual([1_500, 3_000, 6_000, 10_000, 10_000]);
  });

  test('that failed for other reasons is followed by one with the same limit', async () => {
    let isFrozen = false;
    const open: OpenSentinel = (sentinel, listener) => {
      const connection = neverAnswers(sentinel, listener);
      if (!isFrozen) process.nextTick(() => listener.onEnd());
      return connection;
    };
    const { clock, discovery } = createBench({}, { sentinels: [at(1)], open });
    await discovery.findMaster();
    isFrozen = true;
    const { result } = await advanceUntilSettled(clock, discovery.findMaster());
    expect((result as Error).message).toContain('within 1500 ms');
  });

  test('for the master is not shared with one for the replicas', async () => {
    const replicas = [['ip', 'h', 'port', '7', 'flags', 'slave']];
    const { discovery, takeAsked } = createBench({
      1: { ...knowsMaster, 'sentinel slaves mymaster': replicas },
    });
    const [, { result }] = await Promise.all([discovery.findMaster(), discovery.findReplicas()]);
    expect(result).toMatchObject({ answer: [{ ip: 'h', port: '7' }] });
    expect(takeAsked()).toEqual([1, 1]);
  });

  test('reports the sentinels that failed, and closes the connections to them', async () => {
    const { discovery, connections } = createBench({ 1: new Error('refused'), 2: knowsMaster });
    const { result, failures } = await discovery.findMaster();
    expect(result).toMatchObject({
      sentinel: at(2),
      answer: { master: { host: 'h', port: 6379 }, epoch: 1 },
    });
    expect(failures.map(({ code, message }) => [code, message])).toEqual([
      ['HYG_SENTINEL_UNREACHABLE', expect.stringMatching(/s:1 .*refused/)],
    ]);
    await turn();
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  test('continues after a sentinel that does not know the master, and fails with that only if all others fail', async () => {
    const knowsNoMaster = { ...knowsMaster, [GET_MASTER_ADDRESS]: null };
    expect(await createBench({ 1: knowsNoMaster, 2: knowsMaster }).find()).toBe(6379);
    expect(await createBench({ 1: new Error('refused'), 2: knowsNoMaster }).find()).toBe(
      'HYG_MASTER_UNKNOWN',
    );
  });

  test('for replicas asks with REPLICAS where SLAVES is refused', async () => {
    const { discovery, connections } = createBench({
      1: {
        'sentinel slaves mymaster': refusal('NOPERM'),
        'sentinel replicas mymaster': [['ip', 'h', 'port', '7', 'flags', 'slave']],
      },
    });
    expect((await discovery.findReplicas()).result).toMatchObject({ answer: [{ port: '7' }] });
    expect(connections[0]?.sent).toEqual(['sentinel slaves mymaster', 'sentinel replicas mymaster']);
  });

  test.for([
    [[], 'HYG_REPLICA_UNAVAILABLE'],
    [refusal('ERR No such master with that name'), 'HYG_MASTER_UNKNOWN'],
    [refusal('NOPERM'), 'HYG_SENTINEL_UNREACHABLE'],
  ] as const)('for replicas to which all sentinels reply %o fails with %s', async ([reply, code]) => {
    const answers = { 'sentinel slaves mymaster': reply, 'sentinel replicas mymaster': reply };
    const { discovery } = createBench({ 1: answers, 2: answers, 3: answers });
    expect((await discovery.findReplicas()).result).toMatchObject({ code });
  });
});
