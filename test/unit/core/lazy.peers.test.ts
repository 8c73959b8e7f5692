import { expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { checkPeerVersion, loadPeer } from '../../../src/core/lazy.js';

function failure(code: string, message = 'no'): unknown {
  const cause = Object.assign(new Error(message), { code });
  try {
    return loadPeer('prom-client', () => {
      throw cause;
    });
  } catch (error) {
    return error;
  }
}

test('a package that is missing is an error with the remedy', () => {
  const error = failure('MODULE_NOT_FOUND', "Cannot find module 'prom-client'") as HygieneError;
  expect(error.code).toBe('HYG_PEER_MISSING');
  expect(error.message).toMatch(/^The package prom-client was not found\. Install the package/);
});

test('a package that fails while it is loaded is no missing package', () => {
  expect(failure('ERR_SOMETHING')).toMatchObject({ message: 'no' });
});

test('a package that lacks one of its own dependencies is no missing package', () => {
  const message = "Cannot find module 'reflect-metadata'";
  expect(failure('MODULE_NOT_FOUND', message)).toMatchObject({ message });
});

test('a version out of range is an error with the versions that work', () => {
  checkPeerVersion('bullmq', '5.1.0', [5, 6]);
  expect(() => checkPeerVersion('bullmq', '4.18.3', [5, 6])).toThrow(
    expect.objectContaining({
      code: 'HYG_PEER_VERSION',
      message: expect.stringMatching(
        /^bullmq 4\.18\.3 is installed, expected bullmq@5 or bullmq@6\. /,
      ) as string,
    }),
  );
});
