import { expect, test } from 'vitest';
import { audit } from '../../../../src/doctor/audit/audit.js';
import { findingCodes, findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { examination as examine } from '../../../support/unit/doctor/audit/examinations.js';
import { busy, leaked, together } from '../../../support/unit/doctor/audit/fleets.js';

const rows = together(leaked(900, '172.18.0.50'), leaked(60, '172.18.0.60'), busy(9, '172.18.0.5'));
const examinationOf = (target: string) =>
  examine({ target, rows, config: { maxclients: '1000', 'tcp-keepalive': '0', timeout: '5' } });
const findings = audit([examinationOf('b'), examinationOf('a')], { heartbeatSeconds: 15 });

test('findings are sorted by severity, then owner before server, then number of connections', () => {
  expect(findings.map(({ code, target, evidence }) => [code, target, evidence.connections])).toEqual([
    ['connection-flood', 'a', 900],
    ['connection-flood', 'b', 900],
    ['abandoned-clients', 'a', 900],
    ['abandoned-clients', 'b', 900],
    ['maxclients-near', 'a', 969],
    ['maxclients-near', 'b', 969],
    ['abandoned-clients', 'a', 60],
    ['abandoned-clients', 'b', 60],
    ['keepalive-off', 'a', undefined],
    ['keepalive-off', 'b', undefined],
    ['timeout-hits-healthy', 'a', undefined],
    ['timeout-hits-healthy', 'b', undefined],
  ]);
});

test('the order does not depend on the order of the servers', () => {
  expect(audit([examinationOf('a'), examinationOf('b')], { heartbeatSeconds: 15 })).toEqual(findings);
});

test('each finding has a remedy and at most three examples', () => {
  for (const { code, remedy, examples } of findings) {
    expect(remedy).toBe(findingTable[code].remedy);
    expect(examples.length).toBeLessThanOrEqual(3);
  }
});

test('codes, titles and remedies are well formed', () => {
  for (const code of findingCodes) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(findingTable[code].remedy).toMatch(/^[A-Z].*\.$/);
    expect(findingTable[code].title).not.toMatch(/\.$/);
  }
});

test('the audit does not change the rows or their order', () => {
  const examination = examinationOf('a');
  const before = structuredClone(examination.now.rows);
  audit([examination], { heartbeatSeconds: 15 });
  expect(examination.now.rows).toEqual(before);
});
