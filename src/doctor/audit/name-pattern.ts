import { LIBRARY_NAME_PREFIX } from '../../identity/connection-name.js';

const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi;
const UUID_LENGTH = 36;

/**
 * A run of letters and digits with at least one digit: a word with a number behind it (`worker12`), or a random mixture. Or
 * one of hexadecimal letters alone, which stands beside others with digits.
 */
const NUMBERED_TOKEN =
  /([A-Za-z]*)\d+(?![A-Za-z\d])|[A-Za-z]*\d[A-Za-z\d]*|(?<![A-Za-z\d])[a-f]{4,}(?![A-Za-z\d])/g;

/** The previous name and its pattern: the rows of one owner often follow each other. */
let previous = { name: '', pattern: '' };

/**
 * The name of a connection with `*` for each number, hash or UUID, so that connections which are named one by one
 * (`worker-17`, `worker-18`) have one pattern. Names by which a library finds its queues stay as they are.
 */
export function namePattern(name: string): string {
  if (name !== previous.name) previous = { name, pattern: computePattern(name) };
  return previous.pattern;
}

function computePattern(name: string): string {
  if (LIBRARY_NAME_PREFIX.test(name)) return name;
  const text = name.length >= UUID_LENGTH ? name.replace(UUID, '*') : name;
  return text.replace(NUMBERED_TOKEN, (_token, word: string | undefined) => `${word ?? ''}*`);
}
