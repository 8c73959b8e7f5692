import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';
import type { Examination } from './examination.js';
import type { Finding } from './finding.js';
import { findingTable, type FindingCode, type Severity } from './table.js';

/** What a check says. The rest of a finding comes from the table. */
export interface Verdict {
  readonly summary: string;
  readonly evidence?: Finding['evidence'];
  /** Who holds the connections. */
  readonly claim?: Claim;
  /** The connections it is about. */
  readonly rows?: readonly ClientRow[];
  /** @default that of the table */
  readonly severity?: Severity;
}

/** Rows that show it: enough to see what they have in common, and few enough to be read. */
const MOST_EXAMPLES = 3;

/** Makes a finding of a verdict. */
export function conclude(
  code: FindingCode,
  { target }: Pick<Examination, 'target'>,
  verdict: Verdict,
): Finding {
  const { summary, evidence = {}, claim, rows, severity = findingTable[code].severity } = verdict;
  return {
    code,
    severity,
    target,
    ...(claim && { owner: claim.owner, claim }),
    summary,
    evidence: { ...(rows && { connections: rows.length }), ...evidence },
    examples: (rows ?? []).slice(0, MOST_EXAMPLES),
    remedy: findingTable[code].remedy,
  };
}
