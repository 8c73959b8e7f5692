import assert from 'node:assert/strict';
import test from 'node:test';

const url = process.env.SERVICE_URL ?? 'http://localhost:3000';
const invoice = (lines) =>
  fetch(`${url}/invoices`, { method: 'POST', body: JSON.stringify({ lines }) }).then((reply) => reply.json());

test('an invoice is totalled by the worker', async () => {
  const lines = [
    { quantity: 2, price: 150 },
    { quantity: 1, price: 99 },
  ];
  assert.deepEqual(await invoice(lines), { cents: 399 });
});

test('many invoices at once get their own totals', async () => {
  const totals = await Promise.all(
    Array.from({ length: 8 }, (_, index) => invoice([{ quantity: 1, price: index }])),
  );
  assert.deepEqual(
    totals,
    Array.from({ length: 8 }, (_, cents) => ({ cents })),
  );
});

test('a job that fails says why', async () => {
  assert.deepEqual(await invoice([]), { error: 'an invoice has lines' });
});

test('nothing is left waiting', async () => {
  const reply = await fetch(`${url}/invoices/waiting`);
  assert.deepEqual(await reply.json(), { waiting: 0 });
});
