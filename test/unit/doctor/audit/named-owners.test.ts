import { expect, test } from 'vitest';
import { createAttributor } from '../../../../src/doctor/attribution/attribute.js';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { nothingIsLocal } from '../../../../src/doctor/attribution/ip-address.js';
import { peerOf } from '../../../../src/doctor/attribution/peers.js';
import { rowResolvers } from '../../../../src/doctor/attribution/row-resolvers.js';
import { mergeNumberedNames } from '../../../../src/doctor/audit/named-owners.js';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { clientRows } from '../../../support/unit/doctor/rows.js';

/** Owners of connections with these names, all from one address, each once. */
async function ownersOf(count: number, nameOf: (index: number) => string): Promise<readonly string[]> {
  const rows = clientRows(count, (index) => ({ ip: '10.0.0.5', name: nameOf(index) }));
  const peers = rows.map((row) => peerOf(viewRow(row), nothingIsLocal));
  const { attributionOf } = await createAttributor(rowResolvers).attribute(peers);
  const attributions = new Map(rows.map((row, index) => [row, attributionOf(index)]));
  const ownerOf = mergeNumberedNames(rows, (row) => attributions.get(row) as Attribution);
  return [...new Set(rows.map((row) => ownerOf(row).owner))];
}

test('names that differ in numbers or hashes are one owner', async () => {
  expect(await ownersOf(9, (index) => `worker-${index}`)).toEqual(['worker-* at 10.0.0.5']);
  const uuid = (index: number) => `8a7f1c2e-0b1d-4c3e-9f00-00000000000${index}`;
  expect(await ownersOf(9, uuid)).toEqual(['* at 10.0.0.5']);
});

test('one name for all connections stays the owner', async () => {
  expect(await ownersOf(9, () => 'sidekiq')).toEqual(['sidekiq']);
  expect(await ownersOf(9, () => 'shard1')).toEqual(['shard1']);
});

test('50 different words, each on one connection, belong to their address', async () => {
  const word = (index: number) => `x${String.fromCodePoint(97 + (index % 26), 97 + Math.floor(index / 26))}`;
  expect(await ownersOf(50, word)).toEqual(['10.0.0.5']);
  expect(await ownersOf(49, word)).toHaveLength(49);
});

test('hosts of a service stay owners, unless each of very many has one connection', async () => {
  expect(await ownersOf(49, (index) => `orders@web-${index}`)).toHaveLength(49);
  expect(await ownersOf(50, (index) => `orders@web-${index}`)).toEqual(['orders@web-* at 10.0.0.5']);
  expect(await ownersOf(100, (index) => `orders@web-${index % 50}`)).toHaveLength(50);
});

test('the queues of BullMQ stay owners', async () => {
  const queue = (index: number) => `bull:${Buffer.from(`queue-${index}`).toString('base64')}`;
  expect(await ownersOf(60, queue)).toHaveLength(60);
});
