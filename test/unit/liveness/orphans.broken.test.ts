import { describe, expect, test } from 'vitest';
import type { Ask } from '../../../src/liveness/server-side-identity.js';
import { turn } from '../../support/unit/fake-clock.js';
import { replyError } from '../../support/unit/liveness/fake-server.js';
import { createOrphansBench } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};

describe('a connection that breaks while it reaps', () => {
  test.each(['client list', 'client kill'])('at %s leaves the orphan to the next', async (command) => {
    const { lose, reap, fates, server } = createOrphansBench();
    lose(owner, 7);
    server.breaksAt = command;
    await expect(reap(owner)).resolves.toBeUndefined();
    expect(fates).toEqual([]);
    server.breaksAt = undefined;
    await reap(owner);
    expect(fates).toEqual(['reaped 7']);
  });

  test.each(['client list', 'client kill'])('silently at %s leaves it to the next', async (command) => {
    const { lose, reap, fates, server } = createOrphansBench();
    lose(owner, 7);
    server.isSilentAt = command;
    void reap(owner);
    await turn();
    server.isSilentAt = undefined;
    await reap(owner);
    expect(fates).toEqual(['reaped 7']);
  });

  test('again and again leaves all of them, its own half among them, to the one that holds', async () => {
    const { lose, reap, fates, server } = createOrphansBench();
    server.breaksAt = 'client list';
    for (let id = 1; id <= 20; id += 1) {
      lose(owner, id);
      await reap(owner);
    }
    server.breaksAt = undefined;
    await reap(owner);
    expect(fates).toHaveLength(20);
    expect(server.rows.size).toBe(0);
    expect(new Set(fates.map((fate) => fate.split(' ')[0]))).toEqual(new Set(['reaped']));
  });

  test('after KILL has been heard by the server: then it is gone', async () => {
    const { lose, reap, fates, server } = createOrphansBench();
    lose(owner, 7);
    lose(owner, 8);
    const half = async (...words: Parameters<typeof server.ask>) => {
      const answer = await server.ask(...words);
      if (words[1] === 'kill' && words[3] === '8') throw new Error('Connection is closed.');
      return answer;
    };
    await reap(owner, { ask: half });
    expect(fates).toEqual([]);
    await reap(owner);
    expect(fates).toEqual(['gone 7', 'gone 8']);
  });

  test('had claimed what is free: it is free again once its client has ended', async () => {
    const { orphans, lose, reap, fates, server } = createOrphansBench();
    const [second, third] = [{}, {}];
    lose(owner, 7);
    orphans.disown(owner);
    server.breaksAt = 'client list';
    await reap(second);
    server.breaksAt = undefined;
    await reap(third);
    expect(fates).toEqual([]);
    orphans.disown(second);
    await reap(third);
    expect(fates).toEqual(['reaped 7']);
  });

  test('late, after another has reaped, tells nothing twice', async () => {
    const { lose, reap, fates, server } = createOrphansBench();
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
    expect(fates).toEqual(['reaped 7']);
    for (let step = 0; step < 2; step += 1) {
      answers.splice(0).forEach((go) => go());
      await turn();
    }
    await first;
    expect(fates).toEqual(['reaped 7']);
    expect(server.killed).toEqual([7]);
  });
});

test('a server that is busy with a script leaves the orphan to the next connection, and nothing is told', async () => {
  const { lose, reap, fates, server } = createOrphansBench();
  lose(owner, 7);
  for (const command of ['list', 'kill']) {
    const busy: Ask = (...words) =>
      words[1] === command
        ? Promise.reject(replyError('BUSY Redis is busy running a script.'))
        : server.ask(...words);
    await reap(owner, { ask: busy });
  }
  expect(fates).toEqual([]);
  expect(server.killed).toEqual([]);
  await reap(owner);
  expect(fates).toEqual(['reaped 7']);
});
