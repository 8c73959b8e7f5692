import { expect, test } from 'vitest';
import { LIBRARY_ROLE } from '../../../src/identity/connection-name.js';
import { libraryRole } from '../../../src/options/resolve-options.js';

test('a library’s clients have a role of their own where nobody gives them one', () => {
  expect(libraryRole(undefined)).toBe(LIBRARY_ROLE);
  expect(libraryRole('queue')).toBe('queue');
});

test.each(['command', 'subscriber', 'sentinel', 'pool', 'blocking', 'cluster'])(
  '%s stands for a heartbeat, which they do not get',
  (role) => {
    expect(() => libraryRole(role)).toThrow(expect.objectContaining({ code: 'HYG_OPTION_RANGE' }));
  },
);
