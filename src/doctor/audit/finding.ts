import type { Attribution } from '../attribution/attribution.js';
import { type ClientLibrary, librariesOf } from '../attribution/client-library.js';
import type { ClientRow } from '../client-list/client-row.js';
import { type FindingCode, findingTable, type Severity } from './finding-table.js';

/** A problem that the doctor found, with evidence and a remedy. */
export interface Finding {
  readonly code: FindingCode;
  /** Severity of the table, or a lower one if the figures are small. */
  readonly severity: Severity;
  /** The server as `host:port`, or the file that was read. */
  readonly target: string;
  /** Who holds the connections. Missing if the finding is about the server. */
  readonly owner?: string;
  /** How the owner is known. */
  readonly attribution?: Attribution;
  /** What was found, with the figures: one or two sentences. */
  readonly summary: string;
  /** The summary in a few words, without the owner: for a list of causes. */
  readonly cause?: string;
  /** The figures as data. `connections` is the number of connections that the finding is about, if it is about any. */
  readonly evidence: Readonly<Record<string, number | string>>;
  /** Some of the connections, at most `MAX_EXAMPLES`. */
  readonly examples: readonly ClientRow[];
  /** What is known of the connections that the finding is about, if it is about any. */
  readonly connections?: FindingConnections;
  /** What to do. */
  readonly remedy: string;
}

/** The connections that a finding is about. */
interface FindingConnections {
  readonly count: number;
  /** Age of the oldest one. */
  readonly oldestSeconds: number;
  /** Client library: one if it is known, several if any of them may be it. */
  readonly libraries: readonly ClientLibrary[];
}

/** The result of a check. `createFinding` adds the rest from the table. */
export interface CheckResult {
  readonly summary: string;
  readonly cause?: string;
  readonly evidence?: Finding['evidence'];
  /** Who holds the connections. */
  readonly attribution?: Attribution;
  /** The connections that the finding is about. */
  readonly rows?: readonly ClientRow[];
  /** @default the severity of the table */
  readonly severity?: Severity;
}

/** Examples of a finding: enough rows to see what they have in common, few enough to read. */
export const MAX_EXAMPLES = 3;

/** Creates a finding from the result of a check. */
export function createFinding(
  code: FindingCode,
  { target }: { readonly target: string },
  result: CheckResult,
): Finding {
  const { summary, cause, evidence = {}, attribution, rows, severity = findingTable[code].severity } = result;
  return {
    code,
    severity,
    target,
    ...(attribution && { owner: attribution.owner, attribution }),
    summary,
    ...(cause !== undefined && { cause }),
    evidence: { ...(rows && { connections: rows.length }), ...evidence },
    examples: (rows ?? []).slice(0, MAX_EXAMPLES),
    ...(rows && rows.length > 0 && { connections: describeConnections(rows, attribution) }),
    remedy: findingTable[code].remedy,
  };
}

function describeConnections(
  rows: readonly ClientRow[],
  attribution: Attribution | undefined,
): FindingConnections {
  return {
    count: rows.length,
    oldestSeconds: rows.reduce((oldest, { age }) => Math.max(oldest, age), 0),
    libraries: librariesOf(rows, attribution),
  };
}
