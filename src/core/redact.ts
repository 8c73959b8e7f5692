/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Keys of options and details whose values are secrets, whatever their type. */
const SECRET_KEY = /pass(word|phrase|wd)?$|secret|token|^auth$|^key$|^pfx$/i;

/** The user-info part of a URL: `redis://user:pass@host`. Stack frames under
 * `file://` and socket paths under `unix://` hold none. */
const URL_CREDENTIALS = /(?<!\b(?:file|unix):\/?)\/\/\S*@/gi;

/** Where the whole text is a URL, blanks may belong to the password: `new URL` takes them. */
const WHOLE_URL_CREDENTIALS = /^(?!file:|unix:)([a-z][a-z0-9+.-]*:\/\/).*@/is;

/** `?password=…` and its like in a query string. */
const QUERY_SECRET = /([?&](?:password|sentinelPassword|auth)=)[^&\s]*/gi;

function redactText(text: string): string {
  return text
    .replace(WHOLE_URL_CREDENTIALS, `$1${REDACTED}@`)
    .replace(URL_CREDENTIALS, `//${REDACTED}@`)
    .replace(QUERY_SECRET, `$1${REDACTED}`);
}

function redactObject(value: object, seen: WeakSet<object>): unknown {
  if (seen.has(value)) return '[circular]';
  seen.add(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, seen));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    SECRET_KEY.test(key) && item != null ? REDACTED : redactValue(item, seen),
  ]);
  return Object.fromEntries(entries);
}

function redactValue(value: unknown, seen: WeakSet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'object' && value !== null) return redactObject(value, seen);
  return value;
}

/** A copy of plain data without secrets: values under secret keys, and credentials inside URLs. */
export function redact<T>(value: T): T {
  return redactValue(value, new WeakSet()) as T;
}

/**
 * A copy of an error without the command that failed. ioredis hangs the command with its arguments on the
 * reply error, so a refused `AUTH` or `HELLO` carries the password into every log.
 */
export function withoutCommand(error: Error): Error {
  const copy = new Error(redactText(error.message));
  copy.name = error.name;
  copy.stack = redactText(error.stack ?? String(error));
  return copy;
}
