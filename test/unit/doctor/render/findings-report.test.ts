import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/doctor/audit/finding.js';
import { findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { pageOf, renderFindings } from '../../../../src/doctor/render/findings-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

function finding(given: Partial<Finding> = {}): Finding {
  return {
    ...{ code: 'unnamed-flood', severity: 'error', target: '10.0.0.1:6379', owner: 'shop-orders-1' },
    ...{ summary: 'It holds 5432 of 10000 connections.', evidence: { connections: 5432 } },
    ...{ examples: [], remedy: 'Restart it.', ...given },
  };
}

const printed = (findings: readonly Finding[], width = 80, several = false) =>
  renderFindings(findings, several, { width, ink: plainStyle });

test('a finding says what, who, why and what to do', () => {
  const examples = [clientRow({ id: 9, age: 7_860, idle: 90, cmd: 'ping' })];
  expect(printed([finding({ examples })])).toEqual([
    'error   unnamed-flood  shop-orders-1',
    '  It holds 5432 of 10000 connections.',
    '  id=9 addr=172.18.0.50:40009 name= age=2h11m idle=1m30s flags=N cmd=ping',
    '  To do: Restart it.',
    '  Page: docs/findings/unnamed-flood.md',
    '',
    '1 finding: 1 error, 0 warnings.',
  ]);
});

describe('where it was seen', () => {
  const ofNobody: Finding = { ...finding() };
  delete (ofNobody as { owner?: string }).owner;

  test.each([
    ['an owner at one server', finding(), false, 'shop-orders-1'],
    ['an owner at one of several', finding(), true, 'shop-orders-1 on 10.0.0.1:6379'],
    ['a server', ofNobody, false, 'on 10.0.0.1:6379'],
  ])('%s', (_, one, several, about) => {
    expect(printed([one], 80, several)[0]).toBe(`error   unnamed-flood  ${about}`);
  });
});

test('they keep their order, and are counted', () => {
  const lines = printed([finding(), finding({ severity: 'warning', code: 'growth' }), finding()]);
  expect(lines.filter((line) => /^(error|warning)/.test(line))).toEqual([
    'error   unnamed-flood  shop-orders-1',
    'warning growth  shop-orders-1',
    'error   unnamed-flood  shop-orders-1',
  ]);
  expect(lines.at(-1)).toBe('3 findings: 2 errors, 1 warning.');
});

test('none is good news', () => {
  expect(printed([])).toEqual(['No findings.']);
});

test('servers that could not be asked are counted beside the verdict', () => {
  const summary = (findings: Finding[], unasked: number) =>
    renderFindings(findings, false, { width: 80, ink: plainStyle }, unasked).at(-1);
  expect(summary([], 1)).toBe('No findings. 1 server could not be asked.');
  expect(summary([finding()], 2)).toBe('1 finding: 1 error, 0 warnings. 2 servers could not be asked.');
});

describe('on a narrow terminal', () => {
  test.each([40, 60])('%d columns: sentences are broken, and nothing is lost', (width) => {
    const summary = 'One owner holds a great many connections, far more than a service needs. '
      .repeat(3)
      .trim();
    const lines = printed([finding({ summary })], width);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines.map((line) => line.trim()).join(' ')).toContain(summary);
  });

  test('that is too narrow for anything, lines are 20 wide', () => {
    expect(printed([finding()], 1)).toEqual(printed([finding()], 22));
  });
});

test('a colour for each severity', () => {
  const ink = {
    ...plainStyle,
    error: (text: string) => `E(${text})`,
    warning: (text: string) => `W(${text})`,
  };
  const lines = renderFindings([finding(), finding({ severity: 'warning' })], false, { width: 80, ink });
  expect(lines.filter((line) => line.includes('('))).toEqual([
    'E(error  ) unnamed-flood  shop-orders-1',
    'W(warning) unnamed-flood  shop-orders-1',
  ]);
});

test('a name that anybody may have given shows no password, and moves no cursor', () => {
  const examples = [clientRow({ name: 'redis://:s3cret@10.0.0.1\x1b[2J' })];
  const text = printed([finding({ examples, owner: 'redis://:s3cret@10.0.0.2' })], 200).join('\n');
  expect(text).not.toContain('s3cret');
  expect(text).toContain('redis://[redacted]@10.0.0.1?[2J');
  expect(text).toContain('redis://[redacted]@10.0.0.2');
});

test('nor does any other part of it, whoever chose it', () => {
  const evil = 'x\u202ey\u009bz\n';
  const examples = [clientRow({ addr: evil, flags: evil, cmd: evil })];
  const one = finding({ examples, owner: evil, summary: evil, target: evil });
  for (const line of printed([one], 200, true)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('each page is there', () => {
  for (const code of Object.keys(findingTable)) expect(existsSync(pageOf(code)), code).toBe(true);
});
