import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();

interface Suspect {
  readonly factory: number;
  readonly site: string;
  readonly count: number;
  readonly limit: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The service that leaks, and what was seen of it. */
interface Leak extends AsyncDisposable {
  readonly suspects: readonly Suspect[];
  /** The most rows that CLIENT LIST has shown so far. */
  readonly mostRows: () => number;
  request(): Promise<Answer>;
}

/** Looks at CLIENT LIST all the time. */
function watchRows(): { readonly most: () => number; stop(): Promise<void> } {
  const over = new AbortController();
  let most = 0;
  const looking = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, (await redis.rows()).length);
      await sleep(2);
    }
  })();
  return {
    most: () => most,
    async stop() {
      over.abort();
      await looking;
    },
  };
}

async function startLeak(consumer: Consumer, env: NodeJS.ProcessEnv = {}): Promise<Leak> {
  const program = startProgram(consumer, 'leaks.mjs', { REDIS_URL: redis.server.url, ...env });
  const suspects: Suspect[] = [];
  const { port } = await program.message<{ readonly port: number }>();
  program.child.on(
    'message',
    ({ suspect }: { suspect?: Suspect }) => void (suspect && suspects.push(suspect)),
  );
  const rows = watchRows();
  return {
    suspects,
    mostRows: rows.most,
    async request() {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return { status: response.status, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      await rows.stop();
      program.child.send('stop');
      expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
      expect(await redis.rows()).toEqual([]);
    },
  };
}

/** The line of the handler that makes the clients. */
const program = readFileSync(new URL('programs/leaks.mjs', import.meta.url), 'utf8');
const LINE = program.split('\n').findIndex((line) => line.includes('redis.client()')) + 1;
const SITE = `handleRequest \\(file:[^ ]*/leaks\\.mjs:${LINE}:\\d+\\)`;
const handler = expect.stringMatching(`^${SITE}$`) as string;

/** What is told at the 11th. */
const first: Suspect = { factory: 0, site: handler, count: 11, limit: 10 };

function checkRefusal({ status, text }: Answer): void {
  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({
    code: 'HYG_LIMIT_CONNECTIONS',
    message: expect.stringMatching(
      '^One more connection was asked for, and limits\\.connections is 100, of which 100 are held ' +
        `\\(100 command\\)\\. Opened: 100 by ${SITE}\\. `,
    ) as string,
    details: expect.objectContaining({
      limit: 100,
      used: 100,
      byRole: { command: 100 },
      bySite: [{ site: handler, count: 100 }],
    }) as object,
  });
}

describe.for(IOREDIS_COPIES)('a service that makes a client for each request, with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('is told the line at the 11th, and has an error at the 101st', async () => {
    await using leak = await startLeak(consumer);
    for (let number = 1; number <= 100; number += 1) {
      expect(await leak.request()).toEqual({ status: 200, text: expect.any(String) as string });
      if (number === 10) expect(leak.suspects).toEqual([]);
      if (number === 11) await eventually(() => expect(leak.suspects).toEqual([first]));
    }
    for (let number = 101; number <= 130; number += 1) checkRefusal(await leak.request());
    expect(leak.suspects).toHaveLength(1);
    await eventually(() => expect(leak.mostRows()).toBe(100));
  });

  test('has no more than 100 connections with 50 requests at once', async () => {
    await using leak = await startLeak(consumer);
    const answers: Answer[] = [];
    for (let round = 0; round < 4; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 50 }, () => leak.request()))));
    }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    answers.filter(({ status }) => status !== 200).forEach(checkRefusal);
    expect(leak.suspects).toEqual([first]);
    await eventually(() => expect(leak.mostRows()).toBe(100));
  });

  test('has no more than 100 connections with two factories', async () => {
    await using leak = await startLeak(consumer, { SECOND: '1' });
    const answers = await Promise.all(Array.from({ length: 150 }, () => leak.request()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    answers.filter(({ status }) => status !== 200).forEach(checkRefusal);
    expect(leak.suspects.toSorted((one, other) => one.factory - other.factory)).toEqual([
      first,
      { ...first, factory: 1 },
    ]);
    await eventually(() => expect(leak.mostRows()).toBe(100));
  });
});
