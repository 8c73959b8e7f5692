import { describe, expect, test } from 'vitest';
import type { AskServer } from '../../../src/liveness/server-side-identity.js';
import { turn } from '../../support/unit/fake-clock.js';
import { replyError } from '../../support/unit/liveness/fake-server.js';
import { createOrphansHarness } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};

describe('a connection that breaks while it reaps', () => {
  test.each(['client list', 'client kill'])(
    'at %s leaves the orphan to the next connection',
    async (command) => {
      const { lose, reap, outcomes, server } = createOrphansHarness();
      lose(owner, 7);
      server.breaksAt = command;
      await expect(reap(owner)).resolves.toBeUndefined();
      expect(outcomes).toEqual([]);
      server.breaksAt = undefined;
      await reap(owner);
      expect(outcomes).toEqual(['reaped 7']);
    },
  );

  test.each(['client list', 'client kill'])(
    'silently at %s leaves the orphan to the next connection',
    async (command) => {
      const { lose, reap, outcomes, server } = createOrphansHarness();
      lose(owner, 7);
      server.isSilentAt = command;
      void reap(owner);
      await turn();
      server.isSilentAt = undefined;
      await reap(owner);
      expect(outcomes).toEqual(['reaped 7']);
    },
  );

  test('twenty times leaves all orphans, its own included, to the first connection that holds', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    server.breaksAt = 'client list';
    for (let id = 1; id <= 20; id += 1) {
      lose(owner, id);
      await reap(owner);
    }
    server.breaksAt = undefined;
    await reap(owner);
    expect(outcomes).toHaveLength(20);
    expect(server.rows.size).toBe(0);
    expect(new Set(outcomes.map((outcome) => outcome.split(' ')[0]))).toEqual(new Set(['reaped']));
  });

  test('after the server has executed KILL reports the orphan as gone', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    lose(owner, 8);
    const breakAfterKill = async (...words: Parameters<typeof server.ask>) => {
      const answer = await server.ask(...words);
      if (words[1] === 'kill' && words[3] === '8') throw new Error('Connection is closed.');
      return answer;
    };
    await reap(owner, { ask: breakAfterKill });
    expect(outcomes).toEqual([]);
    await reap(owner);
    expect(outcomes).toEqual(['gone 7', 'gone 8']);
  });

  test('frees the orphans that it had claimed once its client has ended', async () => {
    const { orphans, lose, reap, outcomes, server } = createOrphansHarness();
    const [second, third] = [{}, {}];
    lose(owner, 7);
    orphans.disown(owner);
    server.breaksAt = 'client list';
    await reap(second);
    server.breaksAt = undefined;
    await reap(third);
    expect(outcomes).toEqual([]);
    orphans.disown(second);
    await reap(third);
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('but answers late, after another connection has reaped, does not report the orphan twice', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    const answers: (() => void)[] = [];
    const slow = async (...words: Parameters<typeof server.ask>) => {
      const answer = await server.ask(...words);
      await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    };
    const first = reap(owner, { ask: slow });
    await turn();
    await reap(owner);
    expect(outcomes).toEqual(['reaped 7']);
    for (let step = 0; step < 2; step += 1) {
      answers.splice(0).forEach((go) => go());
      await turn();
    }
    await first;
    expect(outcomes).toEqual(['reaped 7']);
    expect(server.killed).toEqual([7]);
  });
});

test('a server that is busy with a script leaves the orphan to the next connection without a report', async () => {
  const { lose, reap, outcomes, server } = createOrphansHarness();
  lose(owner, 7);
  for (const command of ['list', 'kill']) {
    const busy: AskServer = (...words) =>
      words[1] === command
        ? Promise.reject(replyError('BUSY Redis is busy running a script.'))
        : server.ask(...words);
    await reap(owner, { ask: busy });
  }
  expect(outcomes).toEqual([]);
  expect(server.killed).toEqual([]);
  await reap(owner);
  expect(outcomes).toEqual(['reaped 7']);
});
