import fc from 'fast-check';
import { inspect } from 'node:util';
import type { HygieneError } from '../../../src/core/errors.js';

/** Stands on both ends of every secret, so that half a secret is found too. */
export const MARK = 'zq9';

/** Passwords of any characters. */
export const secrets = fc.string({ unit: 'grapheme' }).map((text) => `${MARK}${text}${MARK}`);

/** Passwords that stand in a URL as they are; blanks have a test of their own. */
export const rawSecrets = secrets.map((text) => text.replace(/\s/g, ''));

/** Every text that an error may end up as in a log. */
export function shownBy(error: HygieneError): string {
  const { message, stack, details } = error;
  return [
    message,
    stack,
    inspect(error, { depth: Infinity, showHidden: true }),
    JSON.stringify(details),
  ].join('\n');
}
