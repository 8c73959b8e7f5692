import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';

const url = process.env.SERVICE_URL ?? 'http://localhost:3000';
const send = (method, path, body) =>
  fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then((response) => response.json());
const get = (path) => fetch(url + path).then((response) => response.json());

test('a cart adds up', async () => {
  const path = `/carts/${randomUUID()}`;
  assert.deepEqual(await get(path), { items: {}, quantity: 0 });
  await send('PUT', `${path}/apple`, { quantity: 3 });
  await send('PUT', `${path}/pear`, { quantity: 4 });
  assert.deepEqual(await get(path), { items: { apple: '3', pear: '4' }, quantity: 7 });
});

test('a session is found again, an unknown one is not', async () => {
  const { id } = await send('POST', '/sessions', { user: 'u-1' });
  assert.deepEqual(await get(`/sessions/${id}`), { user: 'u-1' });
  assert.deepEqual(await get(`/sessions/${randomUUID()}`), { error: 'no such session' });
});

test('the sixth request of a caller is refused', async () => {
  const headers = { 'x-caller': randomUUID() };
  const ask = () => fetch(`${url}/carts/none`, { headers });
  const answers = [];
  for (let times = 0; times < 6; times += 1) answers.push(await ask());
  assert.deepEqual(
    answers.map((answer) => [answer.status, answer.headers.get('x-remaining')]),
    [
      [200, '4'],
      [200, '3'],
      [200, '2'],
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ],
  );
});
