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
  readonly location: string;
  readonly count: number;
  readonly limit: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A running service that leaks clients. */
interface LeakingService extends AsyncDisposable {
  readonly suspects: readonly Suspect[];
  /** The highest number of rows in CLIENT LIST so far. */
  readonly maxRows: () => number;
  request(): Promise<Answer>;
}

/** Polls CLIENT LIST and records its highest number of rows. */
function watchRows(): { readonly max: () => number; stop(): Promise<void> } {
  const stopped = new AbortController();
  let max = 0;
  const polling = (async () => {
    while (!stopped.signal.aborted) {
      max = Math.max(max, (await redis.rows()).length);
      await sleep(2);
    }
  })();
  return {
    max: () => max,
    async stop() {
      stopped.abort();
      await polling;
    },
  };
}

async function startService(consumer: Consumer, env: NodeJS.ProcessEnv = {}): Promise<LeakingService> {
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
    maxRows: rows.max,
    async request() {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return { status: response.status, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      await rows.stop();
      program.child.send('stop');
      expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
      await eventually(async () => expect(await redis.rows()).toEqual([]));
    },
  };
}

/** The line of the handler that opens the clients. */
const program = readFileSync(new URL('programs/leaks.mjs', import.meta.url), 'utf8');
const LINE = program.split('\n').findIndex((line) => line.includes('redis.client()')) + 1;
const SITE = `handleRequest \\(file:[^ ]*/leaks\\.mjs:${LINE}:\\d+\\)`;
const handler = expect.stringMatching(`^${SITE}$`) as string;

/** The suspect event of the 11th client. */
const eleventh: Suspect = { factory: 0, location: handler, count: 11, limit: 10 };

function checkRefusal({ status, text }: Answer): void {
  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({
    code: 'HYG_LIMIT_CONNECTIONS',
    message: expect.stringMatching(
      '^One more connection was requested, but limits\\.connections is 100\\. In use: 100 ' +
        `\\(100 command\\)\\. Opened: 100 by ${SITE}\\. `,
    ) as string,
    details: expect.objectContaining({
      limit: 100,
      used: 100,
      byRole: { command: 100 },
      byCallSite: [{ location: handler, count: 100 }],
    }) as object,
  });
}

describe.for(IOREDIS_COPIES)('a service that opens a client for each request, with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('gets a suspect event at the 11th client, and an error at the 101st', async () => {
    await using service = await startService(consumer);
    for (let request = 1; request <= 100; request += 1) {
      expect(await service.request()).toEqual({ status: 200, text: expect.any(String) as string });
      if (request === 10) expect(service.suspects).toEqual([]);
      if (request === 11) await eventually(() => expect(service.suspects).toEqual([eleventh]));
    }
    for (let request = 101; request <= 130; request += 1) checkRefusal(await service.request());
    expect(service.suspects).toHaveLength(1);
    await eventually(() => expect(service.maxRows()).toBe(100));
  });

  test('opens at most 100 connections with 50 simultaneous requests', async () => {
    await using service = await startService(consumer);
    const answers: Answer[] = [];
    for (let round = 0; round < 4; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 50 }, () => service.request()))));
    }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    answers.filter(({ status }) => status !== 200).forEach(checkRefusal);
    expect(service.suspects).toEqual([eleventh]);
    await eventually(() => expect(service.maxRows()).toBe(100));
  });

  test('opens at most 100 connections with two factories', async () => {
    await using service = await startService(consumer, { SECOND: '1' });
    const answers = await Promise.all(Array.from({ length: 150 }, () => service.request()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    answers.filter(({ status }) => status !== 200).forEach(checkRefusal);
    expect(service.suspects.toSorted((one, other) => one.factory - other.factory)).toEqual([
      eleventh,
      { ...eleventh, factory: 1, count: 12 },
    ]);
    await eventually(() => expect(service.maxRows()).toBe(100));
  });
});
