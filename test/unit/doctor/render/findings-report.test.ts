import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/doctor/audit/finding.js';
import { findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { findingPagePath, renderFindings } from '../../../../src/doctor/render/findings-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

function finding(given: Partial<Finding> = {}): Finding {
  return {
    ...{ code: 'connection-flood', severity: 'error', target: '10.0.0.1:6379', owner: 'shop-orders-1' },
    ...{ summary: 'It holds 5432 of 10000 connections.', evidence: { connections: 5432 } },
    ...{ examples: [], remedy: 'Restart it.', ...given },
  };
}

const render = (findings: readonly Finding[], width = 80, several = false) =>
  renderFindings(findings, several, { width, style: plainStyle });

test('a finding is shown with its owner, figures, examples and remedy', () => {
  const examples = [clientRow({ id: 9, age: 7_860, idle: 90, cmd: 'ping' })];
  expect(render([finding({ examples })])).toEqual([
    'error   connection-flood  shop-orders-1',
    '  It holds 5432 of 10000 connections.',
    '  id=9 addr=172.18.0.50:40009 name= age=2h11m idle=1m30s flags=N cmd=ping',
    '  To do: Restart it.',
    '  Page: docs/findings/connection-flood.md',
    '',
    '1 finding: 1 error, 0 warnings.',
  ]);
});

describe('the subject line names', () => {
  const withoutOwner: Finding = { ...finding() };
  delete (withoutOwner as { owner?: string }).owner;

  test.each([
    ['the owner if there is one target', finding(), false, 'shop-orders-1'],
    ['owner and target if there are several', finding(), true, 'shop-orders-1 on 10.0.0.1:6379'],
    ['the target if there is no owner', withoutOwner, false, 'on 10.0.0.1:6379'],
  ])('%s', (_, one, several, subject) => {
    expect(render([one], 80, several)[0]).toBe(`error   connection-flood  ${subject}`);
  });
});

test('findings keep their order and are counted', () => {
  const lines = render([finding(), finding({ severity: 'warning', code: 'growth' }), finding()]);
  expect(lines.filter((line) => /^(error|warning)/.test(line))).toEqual([
    'error   connection-flood  shop-orders-1',
    'warning growth  shop-orders-1',
    'error   connection-flood  shop-orders-1',
  ]);
  expect(lines.at(-1)).toBe('3 findings: 2 errors, 1 warning.');
});

test('no findings are reported as such', () => {
  expect(render([])).toEqual(['No findings.']);
});

test('servers that could not be asked are counted in the summary', () => {
  const summary = (findings: Finding[], failedTargets: number) =>
    renderFindings(findings, false, { width: 80, style: plainStyle }, failedTargets).at(-1);
  expect(summary([], 1)).toBe('No findings. 1 server could not be asked.');
  expect(summary([finding()], 2)).toBe('1 finding: 1 error, 0 warnings. 2 servers could not be asked.');
});

describe('on a narrow terminal', () => {
  test.each([40, 60])('of %d columns sentences are wrapped without loss', (width) => {
    const summary = 'One owner holds a great many connections, far more than a service needs. '
      .repeat(3)
      .trim();
    const lines = render([finding({ summary })], width);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines.map((line) => line.trim()).join(' ')).toContain(summary);
  });

  test('of one column text is 20 columns wide', () => {
    expect(render([finding()], 1)).toEqual(render([finding()], 22));
  });
});

test('each severity has its style', () => {
  const style = {
    ...plainStyle,
    error: (text: string) => `E(${text})`,
    warning: (text: string) => `W(${text})`,
  };
  const lines = renderFindings([finding(), finding({ severity: 'warning' })], false, { width: 80, style });
  expect(lines.filter((line) => line.includes('('))).toEqual([
    'E(error  ) connection-flood  shop-orders-1',
    'W(warning) connection-flood  shop-orders-1',
  ]);
});

test('a name from another party is shown without passwords and control characters', () => {
  const examples = [clientRow({ name: 'redis://:s3cret@10.0.0.1\x1b[2J' })];
  const text = render([finding({ examples, owner: 'redis://:s3cret@10.0.0.2' })], 200).join('\n');
  expect(text).not.toContain('s3cret');
  expect(text).toContain('redis://[redacted]@10.0.0.1?[2J');
  expect(text).toContain('redis://[redacted]@10.0.0.2');
});

test('no part of a finding contains unprintable characters', () => {
  const unprintable = 'x\u202ey\u009bz\n';
  const examples = [clientRow({ addr: unprintable, flags: unprintable, cmd: unprintable })];
  const one = finding({ examples, owner: unprintable, summary: unprintable, target: unprintable });
  for (const line of render([one], 200, true)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('each finding has a page', () => {
  for (const code of Object.keys(findingTable)) expect(existsSync(findingPagePath(code)), code).toBe(true);
});
