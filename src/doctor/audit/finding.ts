import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';
import type { FindingCode, Severity } from './table.js';

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
  readonly claim?: Claim;
  /** One sentence with the figures: what was seen. */
  readonly summary: string;
  /** The figures, as data. `connections` is how many it is about, where it is about connections. */
  readonly evidence: Readonly<Record<string, number | string>>;
  /** Some rows that show it, at most 3. */
  readonly examples: readonly ClientRow[];
  /** What to do. */
  readonly remedy: string;
}
