import { expect, test } from 'vitest';
import { audit } from '../../../../src/doctor/audit/audit.js';
import { findingCodes, findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { examination } from '../../../support/unit/doctor/audit/examinations.js';
import { busy, leaked, together } from '../../../support/unit/doctor/audit/fleets.js';

const rows = together(leaked(900, '172.18.0.50'), leaked(60, '172.18.0.60'), busy(9, '172.18.0.5'));
const examined = (target: string) =>
  examination({ target, rows, config: { maxclients: '1000', 'tcp-keepalive': '0', timeout: '5' } });
const findings = audit([examined('b'), examined('a')], { heartbeatSeconds: 15 });

test('errors come before warnings, culprits before consequences, and many connections before few', () => {
  expect(findings.map(({ code, target, evidence }) => [code, target, evidence.connections])).toEqual([
    ['unnamed-flood', 'a', 900],
    ['unnamed-flood', 'b', 900],
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

test('the order does not depend on that of the servers', () => {
  expect(audit([examined('a'), examined('b')], { heartbeatSeconds: 15 })).toEqual(findings);
});

test('each finding says what to do, and shows three rows at most', () => {
  for (const { code, remedy, examples } of findings) {
    expect(remedy).toBe(findingTable[code].remedy);
    expect(examples.length).toBeLessThanOrEqual(3);
  }
});

test('titles and remedies are sentences', () => {
  for (const code of findingCodes) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(findingTable[code].remedy).toMatch(/^[A-Z].*\.$/);
    expect(findingTable[code].title).not.toMatch(/\.$/);
  }
});

test('nothing is changed, neither rows nor their order', () => {
  const frozen = examined('a');
  const before = structuredClone(frozen.now.rows);
  audit([frozen], { heartbeatSeconds: 15 });
  expect(frozen.now.rows).toEqual(before);
});
