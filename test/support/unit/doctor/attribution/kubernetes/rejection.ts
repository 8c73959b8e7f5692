import { expect } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../../../../src/core/errors.js';

/** The error with which listing pods fails. Throws if it succeeds. */
export async function rejectionOf(
  fetching: Promise<unknown>,
  code: HygieneErrorCode = 'HYG_ATTRIBUTION_SOURCE',
): Promise<HygieneError> {
  const error: unknown = await fetching.then(
    () => new Error('The request did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HygieneError)) throw error;
  expect(error.code).toBe(code);
  return error;
}
