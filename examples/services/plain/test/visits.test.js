import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const url = process.env.SERVICE_URL ?? 'http://localhost:3000';
const ask = (path) => fetch(url + path).then((reply) => reply.json());

async function until(path, reached) {
  for (let times = 0; times < 100; times += 1) {
    const reply = await ask(path);
    if (reached(reply)) return reply;
    await sleep(20);
  }
  throw new Error(`${path} did not come to it`);
}

test('it counts by itself', async () => {
  const { ticks } = await ask('/ticks');
  await until('/ticks', (reply) => reply.ticks >= ticks + 3);
});

test('a visit is seen and audited', async () => {
  const text = randomUUID();
  assert.deepEqual(await ask(`/seen/${text}`), { seen: false });
  assert.deepEqual(await ask(`/visit/${text}`), { seen: text });
  await until(`/seen/${text}`, ({ seen }) => seen);
  await until(`/audited/${text}`, ({ audited }) => audited);
});

test('an unknown path is not found', async () => {
  assert.deepEqual(await ask('/constructor'), { error: 'not found' });
});
