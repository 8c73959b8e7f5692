import { describe, expect, test } from 'vitest';
import { type Follower, watchSentinel } from '../../../src/sentinel/sentinel-watchers.js';
import {
  refusal,
  sentinelAnswers,
  type Answers,
} from '../../support/unit/sentinel/fake-subscription-connection.js';
import {
  createFollower,
  createLines,
  QUESTIONS,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from '../../support/unit/sentinel/sentinel-watchers-harness.js';

function createBench(answers?: Answers) {
  const lines = createLines(answers);
  const one = createFollower();
  const followers: Follower[] = [one.follower];
  let closes = 0;
  const watcher = watchSentinel(
    lines.ports,
    () => followers,
    () => (closes += 1),
  );
  return { ...lines, watcher, followers, heard: one.heard, closes: () => closes };
}

describe('a watcher', () => {
  test('asks as soon as it is up, and subscribes behind the questions: RESP2 takes none afterwards', async () => {
    const { up, take, heard } = createBench();
    expect(take()).toEqual([]);
    await up();
    expect(take()).toEqual([...QUESTIONS, SUBSCRIBE]);
    expect(heard).toEqual(['6379 1 me']);
  });

  test('asks again every 10 s', async () => {
    const { up, take, clock, heard } = createBench();
    await up();
    take();
    await clock.advance(9_999);
    expect(take()).toEqual([]);
    await clock.advance(1);
    expect(take()).toEqual([UNSUBSCRIBE, ...QUESTIONS, SUBSCRIBE]);
    await clock.advance(10_000);
    expect(take()).toEqual([UNSUBSCRIBE, ...QUESTIONS, SUBSCRIBE]);
    expect(heard).toHaveLength(3);
  });

  test('asks when it is told to, and then 10 s later', async () => {
    const { up, take, clock, watcher } = createBench();
    await up();
    await clock.advance(6_000);
    take();
    watcher.ask();
    await clock.advance(9_999);
    expect(take()).toEqual([UNSUBSCRIBE, ...QUESTIONS, SUBSCRIBE]);
    await clock.advance(1);
    expect(take()).toHaveLength(6);
  });

  test('asks for each name once, and tells all who follow it', async () => {
    const { up, take, followers, heard } = createBench();
    const [second, stranger] = [createFollower(), createFollower('other')];
    followers.push(second.follower, stranger.follower);
    await up();
    expect(take().filter((command) => command.includes('get-master-addr'))).toEqual([
      QUESTIONS[0],
      'sentinel get-master-addr-by-name other',
    ]);
    expect([heard, second.heard, stranger.heard]).toEqual([['6379 1 me'], ['6379 1 me'], ['none - me']]);
  });

  test('tells of a switch at once, to those who follow that master, and asks for the epoch', async () => {
    const { up, take, publish, followers, heard } = createBench();
    const stranger = createFollower('other');
    followers.push(stranger.follower);
    await up();
    take();
    heard.splice(0);
    stranger.heard.splice(0);
    await publish('mymaster 10.0.0.1 6379 10.0.0.2 6380');
    expect(heard).toEqual(['switch 10.0.0.2:6380', '6379 1 me']);
    expect(stranger.heard).toEqual(['none - me']);
    expect(take()).toContain(QUESTIONS[0]);
  });

  test('asks after each loss, and tells that the sentinel cannot be reached', async () => {
    const { up, take, listener, heard, clock } = createBench();
    await up();
    take();
    listener().onDown(clock.now());
    expect(heard).toEqual(['6379 1 me']);
    listener().onRedial(70);
    expect(heard).toEqual(['6379 1 me', 'unreachable']);
    await clock.advance(20_000);
    expect(take()).toEqual([]);
    await up();
    expect(take()).toEqual([...QUESTIONS, SUBSCRIBE]);
  });

  test('goes on asking where it may not subscribe', async () => {
    const { up, take, clock, heard } = createBench({
      ...sentinelAnswers(6379),
      [SUBSCRIBE]: refusal('NOPERM'),
    });
    await up();
    take();
    await clock.advance(10_000);
    expect(take()).toEqual(QUESTIONS);
    expect(heard).toHaveLength(2);
  });

  test('reports without an epoch, an id and others where it may ask for the master alone', async () => {
    const [address = '', ...rest] = QUESTIONS;
    const answers = Object.fromEntries(rest.map((question) => [question, refusal('NOPERM')]));
    const { up, heard } = createBench({ ...answers, [address]: ['h', '6379'] });
    await up();
    expect(heard).toEqual(['6379 - -']);
  });

  test('reports nothing where even that is refused, and nobody is hurt by a listener that throws', async () => {
    const { up, heard } = createBench({ [QUESTIONS[0] ?? '']: refusal('NOPERM') });
    await up();
    expect(heard).toEqual([]);

    const throwing = createBench();
    throwing.followers.unshift({
      ...createFollower().follower,
      onReport: () => {
        throw new Error('natMap');
      },
    });
    await throwing.up();
  });

  test('ends with its connection closed, and no timer', async () => {
    const { up, watcher, lines, clock, closes, take } = createBench();
    await up();
    take();
    watcher.close();
    expect(lines[0]?.isClosed).toBe(true);
    expect(closes()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);
    watcher.ask();
    await clock.advance(20_000);
    expect(take()).toEqual([]);
  });

  test('ends when its connection ends for good', async () => {
    const { up, listener, clock, closes } = createBench();
    await up();
    listener().onEnd();
    expect(closes()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);
  });
});
