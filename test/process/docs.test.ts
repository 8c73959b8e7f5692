import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const redis = useRedis();
let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer('ioredis', [
    'prom-client',
    '@opentelemetry/api',
    '@opentelemetry/sdk-metrics',
    'bullmq',
  ]);
});
afterAll(() => consumer[Symbol.dispose]());

interface Example {
  readonly title: string;
  readonly code: string;
}

/** The ```js blocks of a page, which are whole programs. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = ''], index) => ({
    title: `${page}, ${index + 1}`,
    code,
  }));
}

const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`);
const examples = ['README.md', ...pages].flatMap(examplesOf);

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(5);
});

test.for(examples)('$title runs, ends in order, and leaves no connection', async ({ code }) => {
  writeFileSync(
    join(consumer.dir, 'example.mjs'),
    `${code}\nprocess.send('done');\nprocess.channel?.unref();\n`,
  );
  const program = startProgram(consumer, 'example.mjs', { REDIS_URL: redis.server.url });
  if (code.includes('installShutdownHooks')) {
    // These run until they are told to stop.
    await program.message();
    program.signal('SIGTERM');
  }
  const exit = await program.exit;
  expect(exit).toMatchObject({ code: 0, signal: null, stderr: '' });
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

test.each(['README.md', 'docs/getting-started.md'])(
  'a service that starts as on %s hears of a leak',
  async (page) => {
    const [sample] = examplesOf(page).filter(({ code }) => code.includes('installShutdownHooks'));
    const leak = 'const leaked = Array.from({ length: 20 }, () => redis.client());';
    const done =
      "await Promise.all(leaked.map((one) => one.ping()));\nprocess.send('done');\nprocess.channel?.unref();";
    writeFileSync(join(consumer.dir, 'leak.mjs'), `${sample?.code ?? ''}\n${leak}\n${done}\n`);
    const program = startProgram(consumer, 'leak.mjs', { REDIS_URL: redis.server.url });
    await program.message();
    program.signal('SIGTERM');
    const { stderr } = await program.exit;
    expect(stderr).toMatch(/^suspect \{/m);
    expect(stderr).toMatch(/location: '.*leak\.mjs:\d+/);
  },
);
