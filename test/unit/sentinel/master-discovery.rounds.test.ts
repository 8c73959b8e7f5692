import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { refusal } from '../../support/unit/sentinel/fake-subscription-connection.js';
import { at, createBench, good, SILENT } from '../../support/unit/sentinel/master-discovery-harness.js';

describe('a round', () => {
  test('is shared by all who ask while it lasts', async () => {
    const { finder, take } = createBench({ 1: good });
    const [one, other] = await Promise.all([finder.master(), finder.master()]);
    expect(one).toBe(other);
    await finder.master();
    expect(take()).toEqual([1, 1]);
  });

  test('that brought nothing is not followed by the next one at once, however many ask', async () => {
    const { clock, finder, find, take } = createBench({});
    expect(await find()).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(take()).toEqual([1, 2, 3]);
    const searching = [finder.master(), finder.master()];
    await clock.advance(199);
    void finder.master();
    expect(take()).toEqual([]);
    await clock.advance(1);
    await Promise.all(searching);
    expect(take()).toEqual([1, 2, 3]);
  });

  test('for the replicas is another one', async () => {
    const replicas = [['ip', 'h', 'port', '7', 'flags', 'slave']];
    const { finder, take } = createBench({ 1: { ...good, 'sentinel replicas mymaster': replicas } });
    const [, { result }] = await Promise.all([finder.master(), finder.replicas()]);
    expect(result).toMatchObject({ answer: [{ ip: 'h', port: '7' }] });
    expect(take()).toEqual([1, 1]);
  });

  test('tells which sentinels did not help, and closes what it opened', async () => {
    const { finder, lines } = createBench({ 1: new Error('refused'), 2: good });
    const { result, failures } = await finder.master();
    expect(result).toMatchObject({
      sentinel: at(2),
      answer: { master: { host: 'h', port: 6379 }, epoch: 1 },
    });
    expect(failures.map(({ code, message }) => [code, message])).toEqual([
      ['HYG_SENTINEL_UNREACHABLE', expect.stringMatching(/s:1 .*refused/)],
    ]);
    await turn();
    expect(lines.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  test('in which a sentinel knows no such master goes on, and says so only where all others fail', async () => {
    const ignorant = { ...good, [SILENT]: null };
    expect(await createBench({ 1: ignorant, 2: good }).find()).toBe(6379);
    expect(await createBench({ 1: new Error('refused'), 2: ignorant }).find()).toBe('HYG_MASTER_UNKNOWN');
  });

  test.for([
    [[], 'HYG_REPLICA_UNAVAILABLE'],
    [refusal('ERR No such master with that name'), 'HYG_MASTER_UNKNOWN'],
    [refusal('NOPERM'), 'HYG_SENTINEL_UNREACHABLE'],
  ] as const)('for replicas to which all say %o fails with %s', async ([reply, code]) => {
    const answers = { 'sentinel replicas mymaster': reply };
    const { finder } = createBench({ 1: answers, 2: answers, 3: answers });
    expect((await finder.replicas()).result).toMatchObject({ code });
  });
});
