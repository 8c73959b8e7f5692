import type { HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import type { ClientRow } from '../client-list/client-row.js';
import { escapeUnprintable } from '../text/safe-text.js';

/**
 * Version of the JSON of all commands. A new field does not change the version. A field that is removed or changes its meaning
 * raises it. docs/json.md describes the fields, docs/schema/ contains JSON Schemas.
 */
export const JSON_VERSION = 1;

/** The commands that print JSON. */
export type JsonCommand = 'clients' | 'doctor' | 'reap' | 'budget';

/** Facts about a run that every document contains. */
export interface RunFacts {
  /** Time of the run, in milliseconds since the epoch. */
  readonly at: number;
  /** Errors of servers that could not be read. */
  readonly failures: readonly HygieneError[];
  /** What the run did without: a source that could not be asked, a right that is missing. */
  readonly warnings: readonly string[];
}

/** The fields that every document begins with. */
export function documentHead(command: JsonCommand, { at, failures, warnings }: RunFacts) {
  return {
    schema: `redis-hygiene/${command}`,
    version: JSON_VERSION,
    at: new Date(at).toISOString(),
    failures: failures.map(({ code, message }) => ({ code, message })),
    warnings,
  };
}

/** Renders a document with an indent of two spaces, without passwords, and safe for a terminal. */
export function renderJson(data: object): readonly string[] {
  return [escapeUnprintable(JSON.stringify(data, redactValue, 2))];
}

/** Names of connections and containers may contain URLs with passwords. */
function redactValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}

/** A row in the form of all documents: times and sizes have their unit in the name, and unknown fields are missing. */
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
