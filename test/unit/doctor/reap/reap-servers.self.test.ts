import { describe, expect, test } from 'vitest';
import { findSelf, isAmong } from '../../../../src/doctor/reap/reap-servers.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const refuse: ServerConnection['call'] = () => Promise.reject(new Error('ERR Syntax error'));

describe('the connection that asks', () => {
  test('is known by its id', async () => {
    const isSelf = isAmong([await findSelf({ call: () => Promise.resolve(7) })]);
    expect([7, 8].map((id) => isSelf(clientRow({ id })))).toEqual([true, false]);
  });

  test('by its name, before Redis 5', async () => {
    const call: ServerConnection['call'] = (...words) =>
      words[1] === 'GETNAME' ? Promise.resolve('me') : refuse(...words);
    const isSelf = isAmong([await findSelf({ call })]);
    expect(['me', ''].map((name) => isSelf(clientRow({ name })))).toEqual([true, false]);
  });

  test.each([refuse, () => Promise.resolve(null)])(
    'not at all, where neither is told; then nobody is taken for it',
    async (call) => {
      const isSelf = isAmong([await findSelf({ call })]);
      expect(isSelf(clientRow({ name: '' }))).toBe(false);
    },
  );

  test('may be several of one server', () => {
    const isSelf = isAmong([7, 9].map((id) => ({ id, name: '' })));
    expect([7, 8, 9].map((id) => isSelf(clientRow({ id })))).toEqual([true, false, true]);
  });
});
