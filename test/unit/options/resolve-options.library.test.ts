import { expect, test } from 'vitest';
import { LIBRARY_ROLE } from '../../../src/identity/connection-name.js';
import { resolveLibraryRole } from '../../../src/options/resolve-options.js';

test('clients of a library have the role library, unless the caller gives another one', () => {
  expect(resolveLibraryRole(undefined)).toBe(LIBRARY_ROLE);
  expect(resolveLibraryRole('queue')).toBe('queue');
});

test.each(['command', 'subscriber', 'sentinel', 'pool', 'blocking', 'cluster'])(
  'the role %s is refused, because it stands for a heartbeat that these clients do not have',
  (role) => {
    expect(() => resolveLibraryRole(role)).toThrow(expect.objectContaining({ code: 'HYG_OPTION_RANGE' }));
  },
);
