import { describe, expect, test } from 'vitest';
import { audit } from '../../../../src/doctor/audit/audit.js';
import type { Examination } from '../../../../src/doctor/audit/audit-context.js';
import { examination, saved } from '../../../support/unit/doctor/audit/examinations.js';
import { busy, leaked, together } from '../../../support/unit/doctor/audit/fleets.js';

const healthyRows = () => [busy(43, '172.18.0.59'), busy(40, '172.18.0.54'), busy(32, '172.18.0.55')];

const incidentRows = (first: number, second: number) =>
  together(leaked(first, '172.18.0.50'), leaked(second, '172.18.0.104'), ...healthyRows());

function findingsWithOwner(examination: Examination) {
  return audit([examination], { heartbeatSeconds: 15 })
    .filter(({ owner }) => owner !== undefined)
    .map(({ code, severity, owner, evidence }) => [code, severity, owner, evidence.connections]);
}

const findingsOfBoth = (first: number, second: number) => [
  ['connection-flood', 'error', '172.18.0.50', first],
  ['abandoned-clients', 'error', '172.18.0.50', first],
  ['connection-flood', 'error', '172.18.0.104', second],
  ['abandoned-clients', 'error', '172.18.0.104', second],
];

describe('only the two leaking services of incident 1 are found', () => {
  test.each([
    [5432, 4244, '10000'],
    [540, 420, '1000'],
    [540, 420, '10000'],
  ])('%i and %i connections, with maxclients %s', (first, second, maxclients) => {
    const full = examination({ rows: incidentRows(first, second), config: { maxclients } });
    expect(findingsWithOwner(full)).toEqual(findingsOfBoth(first, second));
  });

  test.each([
    [5432, 4244],
    [540, 420],
  ])('%i and %i connections in a file, where maxclients is unknown', (first, second) => {
    expect(findingsWithOwner(saved(incidentRows(first, second)))).toEqual(findingsOfBoth(first, second));
  });

  test('beside hosts that hold almost no connections', () => {
    const rows = together(
      ...[leaked(500, '172.18.0.50'), leaked(400, '172.18.0.104')],
      ...[busy(3, '172.18.0.3'), busy(2, '172.18.0.4'), busy(1, '172.18.0.5')],
    );
    expect(findingsWithOwner(saved(rows))).toEqual(findingsOfBoth(500, 400));
  });
});

test('the summaries contain the figures', () => {
  const [flood, abandoned] = audit(
    [examination({ rows: incidentRows(5432, 4244), config: { maxclients: '10000' } })],
    { heartbeatSeconds: 15 },
  ).filter(({ owner }) => owner !== undefined);
  expect(flood?.summary).toBe(
    '172.18.0.50 holds 5432 unnamed connections, 54.3 % of maxclients (10000); 5432 of them are not in use.',
  );
  expect(abandoned?.summary).toBe(
    '172.18.0.50 opened 5432 connections and has not used them since: they have been idle for as long as they exist. Last commands: ping 5432.',
  );
  expect(flood?.examples).toHaveLength(3);
});
