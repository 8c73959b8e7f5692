import { describe, expect, test } from 'vitest';
import type { LineListener } from '../../../src/connect/line.js';
import { HygieneError } from '../../../src/core/errors.js';
import type { Address } from '../../../src/sentinel/address.js';
import { createFinder, type FinderPorts } from '../../../src/sentinel/finder.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { createFakeLine, refusal, sentinelAnswers, type Answers } from './fake-line.js';

const at = (port: number): Address => ({ host: 's', port });

/** How each sentinel behaves, by its port: what it answers, `frozen`, or a failure of the dial. */
type Behaviour = Answers | 'frozen' | Error;

const SILENT = 'sentinel get-master-addr-by-name mymaster';
const told = (...ports: number[]) =>
  ports.map((port) => ['ip', 's', 'port', String(port), 'runid', `id-${port}`]);

function createBench(behaviours: Record<number, Behaviour>, ports: Partial<FinderPorts> = {}) {
  const clock = createFakeClock();
  const asked: number[] = [];
  const lines: ReturnType<typeof createFakeLine>[] = [];
  function open({ port }: Address, listener: LineListener) {
    asked.push(port);
    const behaviour = behaviours[port] ?? new Error('nobody there');
    const line = createFakeLine(
      listener,
      behaviour instanceof Error || behaviour === 'frozen' ? {} : behaviour,
    );
    lines.push(line);
    process.nextTick(() => {
      if (behaviour === 'frozen') return;
      if (!(behaviour instanceof Error)) return listener.onUp();
      listener.onError(behaviour);
      listener.onEnd();
    });
    return line;
  }
  const finder = createFinder({
    clock,
    open,
    name: 'mymaster',
    sentinels: [at(1), at(2), at(3)],
    limitMs: 1_500,
    reach: (address) => address,
    ...ports,
  });
  /** The port of the master, or the code. */
  async function find(): Promise<number | string | undefined> {
    const { result } = await finder.master();
    return result instanceof HygieneError ? result.code : result.answer.master?.port;
  }
  return { clock, asked, lines, finder, find, take: () => asked.splice(0) };
}

const good = sentinelAnswers(6379);

describe('the order in which sentinels are asked', () => {
  test('is the given one, then whoever answered is asked first', async () => {
    const { find, take } = createBench({ 1: new Error('refused'), 2: good, 3: good });
    expect(await find()).toBe(6379);
    expect(take()).toEqual([1, 2]);
    expect(await find()).toBe(6379);
    expect(take()).toEqual([2]);
  });

  test('has those last whose word has led nowhere', async () => {
    const behaviours: Record<number, Behaviour> = { 1: good, 2: good, 3: good };
    const { find, take, finder } = createBench(behaviours);
    finder.distrust('s:1');
    await find();
    finder.distrust('s:2');
    behaviours[3] = new Error('refused');
    await find();
    expect(take()).toEqual([2, 3, 1]);
  });

  test('goes on to those that the sentinels tell of, once each and where they are reached', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...good, 'sentinel sentinels mymaster': told(1, 2, 2, 9) },
    };
    const { find, take } = createBench(behaviours, {
      sentinels: [at(1)],
      reach: ({ host, port }) => ({ host, port: port + 40 }),
    });
    await find();
    delete behaviours[1];
    take();
    await find();
    expect(take()).toEqual([1, 41, 42, 49]);
  });

  test('keeps to the given ones where the caller says so', async () => {
    const behaviours: Record<number, Behaviour> = { 1: { ...good, 'sentinel sentinels mymaster': told(9) } };
    const { find, take } = createBench(behaviours, { sentinels: [at(1)], reach: undefined });
    await find();
    delete behaviours[1];
    take();
    expect(await find()).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(take()).toEqual([1]);
  });

  test('forgets those that are told of no more, but for the given ones and who answered', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...good, 'sentinel sentinels mymaster': told(8, 9) },
    };
    const { find, take } = createBench(behaviours, { sentinels: [at(1)] });
    await find();
    behaviours[9] = { ...good, 'sentinel sentinels mymaster': told(7) };
    delete behaviours[1];
    await find();
    delete behaviours[9];
    take();
    await find();
    expect(take()).toEqual([9, 1, 7]);
  });
});

describe('the time that sentinels may take', () => {
  test('is a third of the limit until the next one is asked too', async () => {
    const { find, clock, asked } = createBench({ 1: 'frozen', 2: 'frozen', 3: good });
    const found = find();
    await clock.advance(499);
    expect(asked).toEqual([1]);
    await clock.advance(1);
    expect(asked).toEqual([1, 2]);
    await clock.advance(500);
    expect(await found).toBe(6379);
  });

  test('is at most a second, however long one may take', async () => {
    const { find, clock } = createBench({ 1: 'frozen', 2: good }, { limitMs: 60_000 });
    const found = find();
    await clock.advance(1_000);
    expect(await found).toBe(6379);
  });

  test('ends with the limit where all of them stand still', async () => {
    const { find, clock, lines } = createBench({ 1: 'frozen', 2: 'frozen', 3: 'frozen' });
    const found = find();
    await clock.advance(2_499);
    expect(lines.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    await clock.advance(1);
    expect(await found).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('a round', () => {
  test('is shared by all who ask while it lasts', async () => {
    const { finder, take } = createBench({ 1: good });
    const [one, other] = await Promise.all([finder.master(), finder.master()]);
    expect(one).toBe(other);
    await finder.master();
    expect(take()).toEqual([1, 1]);
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
