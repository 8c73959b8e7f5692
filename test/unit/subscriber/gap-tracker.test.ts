import { describe, expect, test } from 'vitest';
import { createGapTracker } from '../../../src/subscriber/gap-tracker.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

const START = 100_000;
const NONE = { channels: [], patterns: [], shardChannels: [] };
const A = { ...NONE, channels: ['a'] };
const AB = { ...NONE, channels: ['a', 'b'] };

function underTest() {
  const clock = createFakeClock({ startMs: START });
  const told: string[] = [];
  const coverage = createGapTracker({
    clock,
    onGap: ({ channels, from, to }) => told.push(`gap ${channels.join()} ${from - START} ${to - START}`),
    deliver: ({ message }) => told.push(message.toString()),
  });
  const hear = (text: string) => coverage.message(messageOn('channel', 'a', text));
  return { clock, coverage, hear, told: () => told.splice(0) };
}

describe('before the first connection is covered', () => {
  test('messages are held, and told without a gap', () => {
    const { coverage, hear, told } = underTest();
    hear('1');
    hear('2');
    expect(told()).toEqual([]);
    coverage.restored();
    expect(told()).toEqual(['1', '2']);
    hear('3');
    expect(told()).toEqual(['3']);
  });

  test('a loss of what had been confirmed is told, from a second before the server was heard last', async () => {
    const { clock, coverage, told } = underTest();
    await clock.advance(5_000);
    coverage.broken(clock.now() - 200, A);
    await clock.advance(300);
    coverage.restored();
    expect(told()).toEqual(['gap a 3800 5300']);
  });

  test('what was held is told when the connection breaks, and no gap before it', async () => {
    const { clock, coverage, hear, told } = underTest();
    await clock.advance(5_000);
    hear('1');
    coverage.broken(clock.now(), A);
    expect(told()).toEqual(['1']);
    await clock.advance(100);
    coverage.restored();
    expect(told()).toEqual(['gap a 4000 5100']);
  });
});

describe('a loss', () => {
  test('is told once, when everything is subscribed again, before the first message that follows', async () => {
    const { clock, coverage, hear, told } = underTest();
    coverage.restored();
    await clock.advance(60_000);
    coverage.broken(clock.now() - 20_000, AB);
    await clock.advance(500);
    hear('1');
    expect(told()).toEqual([]);
    coverage.restored();
    expect(told()).toEqual(['gap a,b 39000 60500', '1']);
    coverage.restored();
    expect(told()).toEqual([]);
  });

  test('begins no earlier than the last one ended', async () => {
    const { clock, coverage, told } = underTest();
    coverage.restored();
    await clock.advance(300);
    coverage.broken(clock.now(), A);
    await clock.advance(100);
    coverage.restored();
    await clock.advance(999);
    coverage.broken(clock.now(), A);
    coverage.restored();
    expect(told()).toEqual(['gap a 0 400', 'gap a 400 1399']);
  });

  test('of nothing is none', async () => {
    const { clock, coverage, hear, told } = underTest();
    coverage.restored();
    await clock.advance(5_000);
    coverage.broken(clock.now(), NONE);
    hear('1');
    coverage.restored();
    expect(told()).toEqual(['1']);
  });

  test.each([
    ['channels', A],
    ['patterns', { ...NONE, patterns: ['p'] }],
    ['shardChannels', { ...NONE, shardChannels: ['s'] }],
  ])('of %s alone is one', (_kind, names) => {
    const { coverage, told } = underTest();
    coverage.restored();
    coverage.broken(START, names);
    coverage.restored();
    expect(told()).toHaveLength(1);
  });
});

describe('a loss before the last one has been made good', () => {
  test('ends its gap, with what has been confirmed since, and begins another', async () => {
    const { clock, coverage, told } = underTest();
    coverage.restored();
    await clock.advance(5_000);
    coverage.broken(clock.now(), A);
    await clock.advance(1_000);
    coverage.broken(clock.now(), AB);
    await clock.advance(1_000);
    coverage.restored();
    expect(told()).toEqual(['gap a,b 4000 6000', 'gap a,b 6000 7000']);
  });

  test('ends it where messages came in between: they are told after their gap', async () => {
    const { clock, coverage, hear, told } = underTest();
    coverage.restored();
    await clock.advance(5_000);
    coverage.broken(clock.now(), A);
    await clock.advance(1_000);
    hear('1');
    await clock.advance(20_000);
    coverage.broken(clock.now() - 20_000, AB);
    // `b` was confirmed on a connection that was silent for 20 s: its messages may be missing too.
    expect(told()).toEqual(['gap a,b 4000 26000', '1']);
    await clock.advance(1_000);
    hear('2');
    coverage.restored();
    expect(told()).toEqual(['gap a,b 26000 27000', '2']);
  });
});

test('a listener that closes within a gap leaves the next state in force', () => {
  const clock = createFakeClock({ startMs: START });
  const told: string[] = [];
  const coverage = createGapTracker({
    clock,
    onGap: () => {
      told.push('gap');
      coverage.broken(START, A);
    },
    deliver: ({ message }) => told.push(message.toString()),
  });
  coverage.restored();
  coverage.broken(START, A);
  coverage.restored();
  coverage.message(messageOn('channel', 'a', '1'));
  expect(told).toEqual(['gap']);
});
