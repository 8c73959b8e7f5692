const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const test = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const url = process.env.SERVICE_URL ?? 'http://localhost:3000';
const get = async (path) => (await fetch(url + path)).json();
const post = async (path, body = {}) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
};

test('views are counted', async () => {
  const path = `/orders/${randomUUID()}/views`;
  assert.deepEqual(await post(path), { views: 1 });
  const more = await Promise.all(Array.from({ length: 20 }, () => post(path)));
  assert.deepEqual(
    more.map(({ views }) => views).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
});

test('a price is asked for once', async () => {
  const path = `/prices/${randomUUID()}`;
  assert.deepEqual(await get(path), { cents: 3600, cached: false });
  assert.deepEqual(await get(path), { cents: 3600, cached: true });
});

test('what is published is received', async () => {
  const text = randomUUID();
  assert.deepEqual(await post('/events', { text }), { published: text });
  for (let times = 0; times < 100 && !(await get('/events')).includes(text); times += 1) await sleep(20);
  assert.ok((await get('/events')).includes(text));
});
