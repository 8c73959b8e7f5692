import { findingTable } from '../../src/doctor/audit/finding-table.js';
import { NOTICE, table } from './markdown.js';

/** Content of docs/findings.md. */
export function findingsPage(): string {
  const rows = Object.entries(findingTable).map(([code, { severity, title, remedy }]) => [
    `[${code}](findings/${code}.md)`,
    severity,
    title,
    remedy,
  ]);
  return `${NOTICE}

# Findings

The problems that [the doctor](doctor.md) finds. The table shows the highest severity of each finding; a finding with small
figures has a lower one.

- **error**: connections are refused or leaked, or soon will be.
- **warning**: the condition leads there.

${table(['code', 'severity', 'what is wrong', 'what to do'], rows)}
`;
}
