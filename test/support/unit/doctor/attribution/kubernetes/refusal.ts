import { expect } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../../../../src/core/errors.js';

/** Why a list of pods could not be had. Fails where it could. */
export async function refusal(
  asking: Promise<unknown>,
  code: HygieneErrorCode = 'HYG_ATTRIBUTION_SOURCE',
): Promise<HygieneError> {
  const error: unknown = await asking.then(
    () => new Error('It was answered.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HygieneError)) throw error;
  expect(error.code).toBe(code);
  return error;
}
