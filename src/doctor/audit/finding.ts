import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import { type FindingCode, findingTable, type Severity } from './finding-table.js';

/** One coded verdict, with evidence and a remedy. */
export interface Finding {
  readonly code: FindingCode;
  /** As in the table, or less where the figures are small. */
  readonly severity: Severity;
  /** Which server, as `host:port`, or the file that was read. */
  readonly target: string;
  /** Who it is about, where it is about somebody. */
  readonly owner?: string;
  /** How that is known. */
  readonly attribution?: Attribution;
  /** One sentence with the figures: what was seen. */
  readonly summary: string;
  /** The figures, as data. `connections` is how many it is about, where it is about connections. */
  readonly evidence: Readonly<Record<string, number | string>>;
  /** Some rows that show it, at most 3. */
  readonly examples: readonly ClientRow[];
  /** What to do. */
  readonly remedy: string;
}

/** What a check says. The rest of a finding comes from the table. */
export interface CheckResult {
  readonly summary: string;
  readonly evidence?: Finding['evidence'];
  /** Who holds the connections. */
  readonly attribution?: Attribution;
  /** The connections it is about. */
  readonly rows?: readonly ClientRow[];
  /** @default that of the table */
  readonly severity?: Severity;
}

/** Rows that show it: enough to see what they have in common, and few enough to be read. */
const MOST_EXAMPLES = 3;

/** Makes a finding of a verdict. */
export function createFinding(
  code: FindingCode,
  { target }: { readonly target: string },
  verdict: CheckResult,
): Finding {
  const { summary, evidence = {}, attribution, rows, severity = findingTable[code].severity } = verdict;
  return {
    code,
    severity,
    target,
    ...(attribution && { owner: attribution.owner, attribution }),
    summary,
    evidence: { ...(rows && { connections: rows.length }), ...evidence },
    examples: (rows ?? []).slice(0, MOST_EXAMPLES),
    remedy: findingTable[code].remedy,
  };
}
