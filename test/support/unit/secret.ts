import fc from 'fast-check';
import { inspect } from 'node:util';
import type { HygieneError } from '../../../src/core/errors.js';

/** Both ends of every secret, so that half a secret is found too. */
export const MARK = 'zq9';

/** Passwords of any characters. */
export const secrets = fc.string({ unit: 'grapheme' }).map((text) => `${MARK}${text}${MARK}`);

/** Passwords for URLs without percent-encoding. They contain no blanks, which have a test of their own. */
export const rawSecrets = secrets.map((text) => text.replace(/\s/g, ''));

/** All texts of an error that may appear in a log. */
export function shownBy(error: HygieneError): string {
  const { message, stack, details } = error;
  return [
    message,
    stack,
    inspect(error, { depth: Infinity, showHidden: true }),
    JSON.stringify(details),
  ].join('\n');
}
