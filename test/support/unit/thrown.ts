import { expect } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../src/core/errors.js';

/** Returns the HygieneError that `run` throws. Fails if `run` throws nothing, another error or another code. */
export function thrown(code: HygieneErrorCode, run: () => unknown): HygieneError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof HygieneError)) throw error;
    expect(error.code).toBe(code);
    return error;
  }
  throw new Error(`Nothing was thrown, expected ${code}.`);
}
