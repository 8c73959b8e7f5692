import type { HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import type { ClientRow } from '../client-list/client-row.js';
import { escapeUnprintable } from '../text/safe-text.js';

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

/** A row as all documents have it: the server's words, times and sizes with their units. What it does not tell is left out. */
export function rowJson(row: ClientRow) {
  const { id, addr, ip, laddr, name, flags, db, cmd, sub, psub, ssub, multi, user, libName, libVer } = row;
  return {
    ...(Number.isSafeInteger(id) && { id }),
    addr,
    ip,
    ...(laddr && { laddr }),
    name,
    ageSeconds: row.age,
    idleSeconds: row.idle,
    flags,
    db,
    cmd,
    ...{ sub, psub, ssub },
    ...(multi >= 0 && { multi }),
    outputBufferBytes: row.omem,
    ...(row.totMem > 0 && { memoryBytes: row.totMem }),
    ...(user && { user }),
    ...(libName && { libName }),
    ...(libVer && { libVer }),
    target: row.target,
  };
}
