import { describe, expect, test } from 'vitest';
import { examination, findingsOf, kept } from '../../../../support/unit/doctor/audit/examinations.js';
import { busy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const used = (count: number) => together(busy(count - 20, '172.18.0.5'), busy(20, '172.18.0.6'));

describe('maxclients-near', () => {
  const found = (count: number, rest = {}) =>
    findingsOf('maxclients-near', examination({ rows: used(count), config: { maxclients: '100' }, ...rest }));

  test('from 80 % a warning, from 95 % an error', () => {
    expect(found(79)).toEqual([]);
    expect(found(80)).toMatchObject([{ severity: 'warning' }]);
    expect(found(94)).toMatchObject([{ severity: 'warning' }]);
    expect(found(95)).toMatchObject([{ severity: 'error' }]);
  });

  test('says who has most of them, and how many were refused', () => {
    const [finding] = found(90, { info: { rejected_connections: '12' } });
    expect(finding?.summary).toBe(
      '90 connections, 90.0 % of maxclients (100); most of them: 172.18.0.5 70, 172.18.0.6 20; 12 refused since the server was started.',
    );
  });

  test('refusals while one looks are an error, at any level', () => {
    const earlier = { rows: used(40), info: { rejected_connections: '12' }, seconds: 10 };
    expect(found(40, { info: { rejected_connections: '15' }, earlier })).toMatchObject([
      { severity: 'error', evidence: { refusedBetweenLooks: 3 } },
    ]);
    expect(found(40, { info: { rejected_connections: '12' }, earlier })).toEqual([]);
  });

  test('refusals of long ago are none', () => {
    expect(found(40, { info: { rejected_connections: '9000' } })).toEqual([]);
  });

  test('Sentinel and newer servers tell the limit in INFO, and CLIENT LIST may be refused', () => {
    const info = {
      maxclients: '100',
      connected_clients: '80',
      connected_slaves: '2',
      cluster_connections: '3',
    };
    const [finding] = findingsOf('maxclients-near', examination({ kind: 'sentinel', info }));
    expect(finding).toMatchObject({ severity: 'warning', evidence: { connections: 85 } });
  });

  test('of a file nothing is known', () => {
    expect(findingsOf('maxclients-near', kept(used(9_990)))).toEqual([]);
  });
});

describe('maxclients-lowered', () => {
  const found = (maxclients: number, kind: 'server' | 'sentinel' | 'sentinel-conf' = 'server') =>
    findingsOf('maxclients-lowered', examination({ kind, config: { maxclients: String(maxclients) } }));

  test.each([992, 4_064, 10_208, 968, 468, 9_968, 65_503, 32_736, 19_968])(
    '%i is what a file limit leaves',
    (maxclients) => {
      expect(found(maxclients)).toMatchObject([{ evidence: { openFiles: maxclients + 32 } }]);
      expect(found(maxclients, 'sentinel')).toHaveLength(1);
    },
  );

  test.each([1, 32, 96, 100, 128, 1_000, 1_024, 5_000, 10_000, 20_000, 50_000, 65_000, 65_535, 100_000])(
    '%i is what somebody wrote',
    (maxclients) => {
      expect(found(maxclients)).toEqual([]);
    },
  );

  test('a file says what is wanted, not what is', () => {
    expect(found(4_064, 'sentinel-conf')).toEqual([]);
  });
});

describe('maxclients-uneven', () => {
  const server = (target: string, maxclients: string, info: Readonly<Record<string, string>> = {}) =>
    examination({ target, config: { maxclients }, info: { master_replid: 'x', ...info } });
  const found = (...examined: ReturnType<typeof examination>[]) =>
    findingsOf('maxclients-uneven', examined).map(({ target, evidence }) => [target, evidence.maxclients]);

  test('the one that is out of line', () => {
    expect(found(server('a', '10000'), server('b', '10000'), server('c', '20000'))).toEqual([['c', 20_000]]);
  });

  test('of two the lower one', () => {
    expect(found(server('a', '5000'), server('b', '10000'))).toEqual([['a', 5_000]]);
  });

  test('the nodes of a Cluster, whatever they replicate', () => {
    const node = (target: string, maxclients: string) =>
      server(target, maxclients, { cluster_enabled: '1', master_replid: target });
    expect(found(node('a', '10000'), node('b', '10000'), node('c', '4000'))).toEqual([['c', 4_000]]);
  });

  test('Sentinels, and their files', () => {
    const sentinel = (target: string, maxclients: string) =>
      examination({ target, kind: 'sentinel', info: { maxclients } });
    expect(found(sentinel('a', '10000'), sentinel('b', '100'), server('c', '50'))).toEqual([['b', 100]]);
  });

  test('servers that have nothing to do with each other', () => {
    expect(
      found(server('a', '5000', { master_replid: 'x' }), server('b', '10000', { master_replid: 'y' })),
    ).toEqual([]);
    expect(found(server('a', '10000'), server('b', '10000'))).toEqual([]);
  });
});

test('findings of several servers keep their targets', () => {
  const examined = ['a', 'b'].map((target) =>
    examination({ target, rows: used(99), config: { maxclients: '100' } }),
  );
  expect(findingsOf('maxclients-near', examined).map(({ target }) => target)).toEqual(['a', 'b']);
});
