import assert from 'node:assert/strict';

/** A lock is taken, refused to another one, extended, and then lost: it cannot be extended any more. */
export async function useLock(redlock, client) {
  const lock = await redlock.acquire(['invoice'], 10_000);
  await assert.rejects(redlock.acquire(['invoice'], 10_000));
  const extended = await lock.extend(20_000);
  await client.del('invoice');
  await assert.rejects(extended.extend(20_000));
  const again = await redlock.acquire(['invoice'], 10_000);
  await again.release();
  assert.equal(await client.exists('invoice'), 0);
}
