import type { HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import { escapeUnprintable } from './printable.js';

/**
 * The version of the JSON that all commands print. A field that is added leaves it as it is; one that is taken away, or
 * means something else, raises it. docs/json.md describes the fields, docs/schema/ has them as JSON Schema.
 */
export const JSON_VERSION = 1;

/** The commands that print JSON. */
export type JsonCommand = 'clients' | 'doctor' | 'reap' | 'budget';

/** What every document says of the run that made it. */
export interface RunFacts {
  /** When it was made, in milliseconds since the epoch. */
  readonly at: number;
  /** Why servers that were named could not be asked. */
  readonly failures: readonly HygieneError[];
}

/** The head of every document. */
export function document(command: JsonCommand, { at, failures }: RunFacts) {
  return {
    schema: `redis-hygiene/${command}`,
    version: JSON_VERSION,
    at: new Date(at).toISOString(),
    failures: failures.map(({ code, message }) => ({ code, message })),
  };
}

/** Somebody may have named a connection, or a container, by a URL with a password in it. */
function withoutSecrets(_: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}

/** As it is printed: two blanks deep, so that people can read it too, and safe for a terminal. */
export function renderJson(data: object): readonly string[] {
  return [escapeUnprintable(JSON.stringify(data, withoutSecrets, 2))];
}
