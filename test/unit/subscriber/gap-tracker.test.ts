import { describe, expect, test } from 'vitest';
import { createGapTracker } from '../../../src/subscriber/gap-tracker.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

const START = 100_000;
const NO_NAMES = { channels: [], patterns: [], shardChannels: [] };
const NAMES_A = { ...NO_NAMES, channels: ['a'] };
const NAMES_AB = { ...NO_NAMES, channels: ['a', 'b'] };

function createTestTracker() {
  const clock = createFakeClock({ startMs: START });
  const events: string[] = [];
  const gapTracker = createGapTracker({
    clock,
    onGap: ({ channels, from, to }) => events.push(`gap ${channels.join()} ${from - START} ${to - START}`),
    deliver: ({ message }) => events.push(message.toString()),
  });
  const receive = (text: string) => gapTracker.receive(incomingMessage('channel', 'a', text));
  return { clock, gapTracker, receive, takeEvents: () => events.splice(0) };
}

describe('before everything is subscribed for the first time', () => {
  test('messages are held, and delivered later without a gap', () => {
    const { gapTracker, receive, takeEvents } = createTestTracker();
    receive('1');
    receive('2');
    expect(takeEvents()).toEqual([]);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['1', '2']);
    receive('3');
    expect(takeEvents()).toEqual(['3']);
  });

  test('a loss of confirmed names is reported, from one second before the last bytes of the server', async () => {
    const { clock, gapTracker, takeEvents } = createTestTracker();
    await clock.advance(5_000);
    gapTracker.markLost(clock.now() - 200, NAMES_A);
    await clock.advance(300);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a 3800 5300']);
  });

  test('held messages are delivered when the connection breaks, without a gap before them', async () => {
    const { clock, gapTracker, receive, takeEvents } = createTestTracker();
    await clock.advance(5_000);
    receive('1');
    gapTracker.markLost(clock.now(), NAMES_A);
    expect(takeEvents()).toEqual(['1']);
    await clock.advance(100);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a 4000 5100']);
  });
});

describe('a loss', () => {
  test('is reported once, when everything is subscribed again, before the first message that follows', async () => {
    const { clock, gapTracker, receive, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    await clock.advance(60_000);
    gapTracker.markLost(clock.now() - 20_000, NAMES_AB);
    await clock.advance(500);
    receive('1');
    expect(takeEvents()).toEqual([]);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a,b 39000 60500', '1']);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual([]);
  });

  test('causes a gap that begins no earlier than the last gap ended', async () => {
    const { clock, gapTracker, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    await clock.advance(300);
    gapTracker.markLost(clock.now(), NAMES_A);
    await clock.advance(100);
    gapTracker.markRestored();
    await clock.advance(999);
    gapTracker.markLost(clock.now(), NAMES_A);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a 0 400', 'gap a 400 1399']);
  });

  test('without confirmed names is no gap', async () => {
    const { clock, gapTracker, receive, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    await clock.advance(5_000);
    gapTracker.markLost(clock.now(), NO_NAMES);
    receive('1');
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['1']);
  });

  test.each([
    ['channels', NAMES_A],
    ['patterns', { ...NO_NAMES, patterns: ['p'] }],
    ['shardChannels', { ...NO_NAMES, shardChannels: ['s'] }],
  ])('of %s alone is a gap', (_kind, names) => {
    const { gapTracker, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    gapTracker.markLost(START, names);
    gapTracker.markRestored();
    expect(takeEvents()).toHaveLength(1);
  });
});

describe('a loss before everything is subscribed again', () => {
  test('ends the gap, including the names confirmed since, and begins another', async () => {
    const { clock, gapTracker, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    await clock.advance(5_000);
    gapTracker.markLost(clock.now(), NAMES_A);
    await clock.advance(1_000);
    gapTracker.markLost(clock.now(), NAMES_AB);
    await clock.advance(1_000);
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a,b 4000 6000', 'gap a,b 6000 7000']);
  });

  test('ends the gap also when messages were held, which are delivered after it', async () => {
    const { clock, gapTracker, receive, takeEvents } = createTestTracker();
    gapTracker.markRestored();
    await clock.advance(5_000);
    gapTracker.markLost(clock.now(), NAMES_A);
    await clock.advance(1_000);
    receive('1');
    await clock.advance(20_000);
    gapTracker.markLost(clock.now() - 20_000, NAMES_AB);
    // `b` was confirmed on a connection that was silent for 20 s: its messages may be missing too.
    expect(takeEvents()).toEqual(['gap a,b 4000 26000', '1']);
    await clock.advance(1_000);
    receive('2');
    gapTracker.markRestored();
    expect(takeEvents()).toEqual(['gap a,b 26000 27000', '2']);
  });
});

test('a listener that closes during its gap does not lose the new state', () => {
  const clock = createFakeClock({ startMs: START });
  const events: string[] = [];
  const gapTracker = createGapTracker({
    clock,
    onGap: () => {
      events.push('gap');
      gapTracker.markLost(START, NAMES_A);
    },
    deliver: ({ message }) => events.push(message.toString()),
  });
  gapTracker.markRestored();
  gapTracker.markLost(START, NAMES_A);
  gapTracker.markRestored();
  gapTracker.receive(incomingMessage('channel', 'a', '1'));
  expect(events).toEqual(['gap']);
});

test('a connection that is lost after a renewal may have been silent for longer: the gap begins there', async () => {
  const { clock, gapTracker, takeEvents } = createTestTracker();
  gapTracker.markRestored();
  await clock.advance(5_000);
  gapTracker.markLost(clock.now(), NAMES_A); // as renew() does
  await clock.advance(1_000);
  gapTracker.markLost(clock.now() - 4_000, NAMES_A);
  gapTracker.markRestored();
  expect(takeEvents()).toEqual(['gap a 1000 6000', 'gap a 6000 6000']);
});
