/** How bad a finding is. `error`: connections are, or will soon be, refused or leaked. `warning`: it will lead there. */
export type Severity = 'error' | 'warning';

/** One row of the table of findings: what the code means, and what its reader should do. */
interface FindingRow {
  readonly severity: Severity;
  readonly title: string;
  readonly remedy: string;
}

/** Every finding that the doctor can make. Each has a page: `docs/findings/<code>.md`. */
export const findingTable = {
  'unnamed-flood': {
    severity: 'error',
    title: 'One owner holds a flood of nameless connections',
    remedy: 'Create one client per process and share it; name it, so that the next leak is attributable.',
  },
} as const satisfies Record<string, FindingRow>;

/** A code of the table. */
export type FindingCode = keyof typeof findingTable;
