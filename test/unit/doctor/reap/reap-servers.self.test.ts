import { describe, expect, test } from 'vitest';
import { findOwnIdentity, matchesAny } from '../../../../src/doctor/reap/reap-servers.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const refuse: ServerConnection['call'] = () => Promise.reject(new Error('ERR Syntax error'));

describe('the connection of this command', () => {
  test('is recognised by its id', async () => {
    const isSelf = matchesAny([await findOwnIdentity({ call: () => Promise.resolve(7) })]);
    expect([7, 8].map((id) => isSelf(clientRow({ id })))).toEqual([true, false]);
  });

  test('is recognised by its name before Redis 5', async () => {
    const call: ServerConnection['call'] = (...words) =>
      words[1] === 'GETNAME' ? Promise.resolve('me') : refuse(...words);
    const isSelf = matchesAny([await findOwnIdentity({ call })]);
    expect(['me', ''].map((name) => isSelf(clientRow({ name })))).toEqual([true, false]);
  });

  test.each([refuse, () => Promise.resolve(null)])(
    'is not recognised, nor is any other, if both are unknown',
    async (call) => {
      const isSelf = matchesAny([await findOwnIdentity({ call })]);
      expect(isSelf(clientRow({ name: '' }))).toBe(false);
    },
  );

  test('may be one of several on the same server', () => {
    const isSelf = matchesAny([7, 9].map((id) => ({ id, name: '' })));
    expect([7, 8, 9].map((id) => isSelf(clientRow({ id })))).toEqual([true, false, true]);
  });
});
