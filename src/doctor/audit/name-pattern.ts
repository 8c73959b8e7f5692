import { LIBRARY_NAME_PREFIX } from '../../identity/connection-name.js';

const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi;
const UUID_LENGTH = 36;

/** A run of letters and digits with at least one digit. */
const NUMBERED_TOKEN = /[A-Za-z]*\d[A-Za-z\d]*/g;

/** A word with a number behind it: `worker12`. Any other mixture is random: `3f9ac2`. */
const NUMBERED_WORD = /^([A-Za-z]*)\d+$/;

/**
 * The name of a connection with `*` for each number, hash or UUID, so that connections which are named one by one
 * (`worker-17`, `worker-18`) have one pattern. Names by which a library finds its queues stay as they are.
 */
export function namePattern(name: string): string {
  if (name === '' || LIBRARY_NAME_PREFIX.test(name)) return name;
  const withoutUuid = name.length < UUID_LENGTH ? name : name.replace(UUID, '*');
  return withoutUuid.replace(NUMBERED_TOKEN, (token) => `${NUMBERED_WORD.exec(token)?.[1] ?? ''}*`);
}
