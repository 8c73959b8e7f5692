import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { audit } from '../../../../src/doctor/audit/audit.js';
import { knownLeaks } from '../../../../src/doctor/audit/checks/leaky-library.js';
import { type FindingCode, findingCodes, findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { LIBRARY_SECTION } from '../../../../src/doctor/render/explanation.js';
import { findingPagePath, renderFindings } from '../../../../src/doctor/render/findings-report.js';
import { isAboutClients } from '../../../../src/doctor/remedies/finding-remedies.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { examples } from '../../../support/unit/doctor/audit/examples.js';

const ROOT = new URL('../../../../', import.meta.url);

const read = (code: string) => readFileSync(new URL(findingPagePath(code), ROOT), 'utf8');

/** Output of the doctor for the example of a finding. */
function printed(code: FindingCode): string {
  const findings = audit(examples[code], { heartbeatSeconds: 15, firewallIdleSeconds: 1_800 });
  const [finding] = findings.filter((one) => one.code === code);
  if (!finding) throw new Error(`The example of ${code} does not have this finding.`);
  const lines = renderFindings(
    { findings: [finding], hasSeveralTargets: examples[code].length > 1 },
    { width: 100, style: plainStyle },
  );
  return lines.slice(0, lines.indexOf('')).join('\n');
}

test('there is a page for every finding, and no other page', () => {
  const pages = readdirSync(new URL('docs/findings/', ROOT)).map((file) => file.replace(/\.md$/, ''));
  expect(pages.sort()).toEqual([...findingCodes].sort());
});

describe.each(findingCodes)('%s', (code) => {
  test('the page has all sections', () => {
    expect(read(code).match(/^#+ .*/gm)).toEqual([
      ...[`# ${code}`, '## How it is recognised', '## What it looks like'],
      ...['## At 3 a.m.', '## Permanent fix'],
      ...(isAboutClients(code) ? [LIBRARY_SECTION] : []),
    ]);
    expect(read(code)).toContain(`**${findingTable[code].severity}**`);
  });

  test('the page shows the output of the doctor', () => {
    const [, block] = /```text\n(.*?)\n?```/s.exec(read(code)) ?? [];
    expect(block).toBe(printed(code));
  });
});

test('the page of leaky-library lists all known leaks', () => {
  for (const { library, upTo = 'no fix known', link } of knownLeaks) {
    const row = read('leaky-library')
      .split('\n')
      .find((line) => line.startsWith(`| ${library} `));
    expect(row).toContain(`| ${upTo} `);
    expect(row).toContain(`(${link})`);
  }
});
