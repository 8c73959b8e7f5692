import { expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { loadPeer } from '../../../src/metrics/load-peer.js';

function failure(code: string): unknown {
  const cause = Object.assign(new Error('no'), { code });
  try {
    return loadPeer('prom-client', () => {
      throw cause;
    });
  } catch (error) {
    return error;
  }
}

test('a package that is missing is an error with the remedy', () => {
  const error = failure('MODULE_NOT_FOUND') as HygieneError;
  expect(error.code).toBe('HYG_PEER_MISSING');
  expect(error.message).toMatch(/^The package prom-client was not found\. Install the package/);
});

test('a package that fails while it is loaded is no missing package', () => {
  expect(failure('ERR_SOMETHING')).toMatchObject({ message: 'no' });
});
