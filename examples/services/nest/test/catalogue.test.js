const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const test = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const url = process.env.SERVICE_URL ?? 'http://localhost:3000';
const read = async (sku) => (await fetch(`${url}/articles/${sku}`)).json();
const write = async (sku, title) => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ title });
  return (await fetch(`${url}/articles/${sku}`, { method: 'PUT', headers, body })).json();
};

test('an article is read from Redis once, then from memory', async () => {
  const sku = randomUUID();
  assert.deepEqual(await write(sku, 'Kettle'), { title: 'Kettle' });
  await sleep(100); // the copy that the write drops
  assert.deepEqual(await read(sku), { title: 'Kettle', copied: false });
  assert.deepEqual(await read(sku), { title: 'Kettle', copied: true });
});

test('a change drops the copy', async () => {
  const sku = randomUUID();
  await write(sku, 'Kettle');
  await read(sku);
  await write(sku, 'Teapot');
  for (let times = 0; times < 100 && (await read(sku)).title !== 'Teapot'; times += 1) await sleep(20);
  assert.equal((await read(sku)).title, 'Teapot');
});

test('an unknown article is not found', async () => {
  const reply = await read(randomUUID());
  assert.deepEqual([reply.statusCode, reply.message], [404, 'no such article']);
});
