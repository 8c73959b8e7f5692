import { expect } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../src/core/errors.js';

/** The HygieneError of that code which `run` throws; fails where it throws nothing or something else. */
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
