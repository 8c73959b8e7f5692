import { findingTable } from '../../src/doctor/audit/finding-table.js';
import { NOTICE, table } from './markdown.js';

/** docs/findings.md. */
export function findingsPage(): string {
  const rows = Object.entries(findingTable).map(([code, { severity, title, remedy }]) => [
    `[${code}](findings/${code}.md)`,
    severity,
    title,
    remedy,
  ]);
  return `${NOTICE}

# Findings

What [the doctor](doctor.md) looks for. The severity is the worst that a finding can have; where the figures are small it has less.

- **error**: connections are refused or leaked, or soon will be.
- **warning**: it leads there.

${table(['code', 'severity', 'what it says', 'what to do'], rows)}
`;
}
