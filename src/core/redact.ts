import { inspect } from 'node:util';

/** Replaces a secret. */
export const REDACTED = '[redacted]';

/** Keys of options and details whose values are secrets, whatever their type. */
const SECRET_KEY = /pass(word|phrase|wd)?$|secret|token|^auth$|^key$|^pfx$/i;

/**
 * The user-info part of a URL: `redis://user:pass@host`. Stack frames under `file://` and socket paths under `unix://`
 * are left as they are, because they contain no user-info.
 */
const URL_CREDENTIALS = /(?<!\b(?:file|unix):\/?)\/\/\S*@/gi;

/** The user-info part of a text that is a URL as a whole. It may contain blanks, because `new URL` accepts them. */
const WHOLE_URL_CREDENTIALS = /^(?!file:|unix:)([a-z][a-z0-9+.-]*:\/\/).*@/is;

/** Secrets in a query string, such as `?password=…`. */
const QUERY_SECRET = /([?&](?:password|sentinelPassword|auth)=)[^&\s]*/gi;

/** Prints an object without secrets, as text and as JSON. Its properties stay as they are, also in a copy made by spreading. */
export function printWithoutSecrets<Options extends object>(options: Options): Options {
  return Object.defineProperties(options, redactedPrinting);
}

const redactedPrinting: PropertyDescriptorMap = {
  [inspect.custom]: { value: printRedacted, configurable: true, writable: true },
  toJSON: { value: printRedacted, configurable: true, writable: true },
};

function printRedacted(this: object): object {
  return redact({ ...this });
}

/** Returns a copy of plain data without secrets: the values of secret keys, and the credentials in URLs. */
export function redact<T>(value: T): T {
  return redactValue(value, new WeakSet()) as T;
}

/**
 * Returns a copy of an error without the command that failed. ioredis attaches the command and its arguments to a reply
 * error, so that logging a refused `AUTH` or `HELLO` would log the password.
 */
export function stripCommand(error: Error): Error {
  const copy = new Error(redactText(error.message));
  copy.name = error.name;
  copy.stack = redactText(error.stack ?? String(error));
  return copy;
}

function redactText(text: string): string {
  return text
    .replace(WHOLE_URL_CREDENTIALS, `$1${REDACTED}@`)
    .replace(URL_CREDENTIALS, `//${REDACTED}@`)
    .replace(QUERY_SECRET, `$1${REDACTED}`);
}

function redactObject(value: object, visited: WeakSet<object>): unknown {
  if (visited.has(value)) return '[circular]';
  visited.add(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, visited));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    SECRET_KEY.test(key) && item != null ? REDACTED : redactValue(item, visited),
  ]);
  return Object.fromEntries(entries);
}

function redactValue(value: unknown, visited: WeakSet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'object' && value !== null) return redactObject(value, visited);
  return value;
}
