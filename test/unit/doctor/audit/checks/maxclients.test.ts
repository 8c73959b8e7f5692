import { describe, expect, test } from 'vitest';
import { examination, findingsOf, saved } from '../../../../support/unit/doctor/audit/examinations.js';
import { busy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const rowsOfTwoOwners = (count: number) => together(busy(count - 20, '172.18.0.5'), busy(20, '172.18.0.6'));

describe('maxclients-near', () => {
  const nearFindings = (count: number, rest = {}) =>
    findingsOf(
      'maxclients-near',
      examination({ rows: rowsOfTwoOwners(count), config: { maxclients: '100' }, ...rest }),
    );

  test('80 % are a warning, 95 % an error', () => {
    expect(nearFindings(79)).toEqual([]);
    expect(nearFindings(80)).toMatchObject([{ severity: 'warning' }]);
    expect(nearFindings(94)).toMatchObject([{ severity: 'warning' }]);
    expect(nearFindings(95)).toMatchObject([{ severity: 'error' }]);
  });

  test('the summary names the largest owners and the refused connections', () => {
    const [finding] = nearFindings(90, { info: { rejected_connections: '12' } });
    expect(finding?.summary).toBe(
      '90 connections, 90.0 % of maxclients (100). Largest owners: 172.18.0.5 with 70, 172.18.0.6 with 20. Refused since the server started: 12.',
    );
  });

  test('refusals between two samples are an error at any level', () => {
    const earlier = { rows: rowsOfTwoOwners(40), info: { rejected_connections: '12' }, seconds: 10 };
    expect(nearFindings(40, { info: { rejected_connections: '15' }, earlier })).toMatchObject([
      { severity: 'error', evidence: { refusedBetweenSamples: 3 } },
    ]);
    expect(nearFindings(40, { info: { rejected_connections: '12' }, earlier })).toEqual([]);
  });

  test('earlier refusals alone are not reported', () => {
    expect(nearFindings(40, { info: { rejected_connections: '9000' } })).toEqual([]);
  });

  test('limit and connections are read from INFO if CONFIG and CLIENT LIST are not allowed', () => {
    const info = {
      maxclients: '100',
      connected_clients: '80',
      connected_slaves: '2',
      cluster_connections: '3',
    };
    const [finding] = findingsOf('maxclients-near', examination({ kind: 'sentinel', info }));
    expect(finding).toMatchObject({ severity: 'warning', evidence: { connections: 85 } });
  });

  test('a saved list without a limit is not reported', () => {
    expect(findingsOf('maxclients-near', saved(rowsOfTwoOwners(9_990)))).toEqual([]);
  });
});

describe('maxclients-lowered', () => {
  const loweredFindings = (maxclients: number, kind: 'server' | 'sentinel' | 'sentinel-conf' = 'server') =>
    findingsOf('maxclients-lowered', examination({ kind, config: { maxclients: String(maxclients) } }));

  test.each([992, 4_064, 10_208, 968, 468, 9_968, 65_503, 32_736, 19_968])(
    '%i is reported as the remainder of a file limit',
    (maxclients) => {
      expect(loweredFindings(maxclients)).toMatchObject([{ evidence: { openFiles: maxclients + 32 } }]);
      expect(loweredFindings(maxclients, 'sentinel')).toHaveLength(1);
    },
  );

  test.each([1, 32, 96, 100, 128, 1_000, 1_024, 5_000, 10_000, 20_000, 50_000, 65_000, 65_535, 100_000])(
    '%i is accepted as a configured number',
    (maxclients) => {
      expect(loweredFindings(maxclients)).toEqual([]);
    },
  );

  test('the limit in a configuration file is not reported', () => {
    expect(loweredFindings(4_064, 'sentinel-conf')).toEqual([]);
  });
});

describe('maxclients-uneven', () => {
  const server = (target: string, maxclients: string, info: Readonly<Record<string, string>> = {}) =>
    examination({ target, config: { maxclients }, info: { master_replid: 'x', ...info } });
  const unevenFindings = (...examinations: ReturnType<typeof examination>[]) =>
    findingsOf('maxclients-uneven', examinations).map(({ target, evidence }) => [
      target,
      evidence.maxclients,
    ]);

  test('a server with another limit than the others is reported', () => {
    expect(unevenFindings(server('a', '10000'), server('b', '10000'), server('c', '20000'))).toEqual([
      ['c', 20_000],
    ]);
  });

  test('of two different limits the lower one is reported', () => {
    expect(unevenFindings(server('a', '5000'), server('b', '10000'))).toEqual([['a', 5_000]]);
  });

  test('all nodes of a Cluster are compared', () => {
    const node = (target: string, maxclients: string) =>
      server(target, maxclients, { cluster_enabled: '1', master_replid: target });
    expect(unevenFindings(node('a', '10000'), node('b', '10000'), node('c', '4000'))).toEqual([['c', 4_000]]);
  });

  test('Sentinels are compared with each other', () => {
    const sentinel = (target: string, maxclients: string) =>
      examination({ target, kind: 'sentinel', info: { maxclients } });
    expect(unevenFindings(sentinel('a', '10000'), sentinel('b', '100'), server('c', '50'))).toEqual([
      ['b', 100],
    ]);
  });

  test('unrelated servers are not compared', () => {
    expect(
      unevenFindings(
        server('a', '5000', { master_replid: 'x' }),
        server('b', '10000', { master_replid: 'y' }),
      ),
    ).toEqual([]);
    expect(unevenFindings(server('a', '10000'), server('b', '10000'))).toEqual([]);
  });
});

test('findings of several servers have their own targets', () => {
  const examinations = ['a', 'b'].map((target) =>
    examination({ target, rows: rowsOfTwoOwners(99), config: { maxclients: '100' } }),
  );
  expect(findingsOf('maxclients-near', examinations).map(({ target }) => target)).toEqual(['a', 'b']);
});
