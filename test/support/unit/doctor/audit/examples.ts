import type { Examination } from '../../../../../src/doctor/audit/audit-context.js';
import type { FindingCode } from '../../../../../src/doctor/audit/finding-table.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow, clientRows } from '../rows.js';
import { examination, saved } from './examinations.js';
import { busy, hygienic, leaked, together } from './fleets.js';

const MIB = 1024 ** 2;
const config = { maxclients: '10000' };

const incident1 = () =>
  together(
    ...[leaked(5432, '172.18.0.50'), leaked(4244, '172.18.0.104')],
    ...[busy(43, '172.18.0.59'), busy(40, '172.18.0.54'), busy(32, '172.18.0.55')],
  );

/** 28 subscribers, opened every 7880 s: 7875 s of keepalive and 5 s of sleep. */
const incident2 = () =>
  clientRows(28, (index) => ({
    ...{ id: 28 - index, ip: '10.1.0.7', flags: 'P', sub: 1, cmd: 'subscribe' },
    ...{ age: 900 + 7_880 * index, idle: 900 + 7_880 * index },
  }));

/** 240 connections of one host that were opened one by one, and wait for jobs since. */
const ghosts = () =>
  clientRows(240, (index) => ({
    ...{ id: 240 - index, ip: '10.2.0.8', flags: 'b', cmd: 'brpop' },
    ...{ age: 900 + 90 * index, idle: 900 + 90 * index },
  }));

const sentinel = (rows: readonly ClientRow[], settings: Readonly<Record<string, string>> = {}) =>
  examination({ rows, target: '10.1.0.2:26379', kind: 'sentinel', config: settings });

function growing(): Examination {
  const rows = clientRows(412, () => ({ ip: '172.18.0.50', age: 72, idle: 72, cmd: 'ping' }));
  const young = leaked(260, '172.18.0.50', (index) => ({
    id: 413 + index,
    age: index % 10,
    idle: index % 10,
  }));
  return examination({ rows: [...rows, ...young], earlier: { rows, seconds: 10 } });
}

function storm(): Examination {
  const young = Array.from({ length: 12 }, (_, host) =>
    busy(20, `10.0.0.${host + 1}`, () => ({ age: 9, idle: 0 })),
  );
  return examination({ rows: together(busy(30, '10.0.1.1'), ...young) });
}

function churn(): Examination {
  const brief = clientRows(4, (index) => ({ id: 5_020 - index, ip: '172.18.4.1', age: 0, idle: 0 }));
  return examination({ rows: [...busy(20, '10.0.1.1', () => ({ age: 100 })), ...brief] });
}

/** Examinations with each finding: the example on its page, `docs/findings/<code>.md`. */
export const examples: Readonly<Record<FindingCode, readonly Examination[]>> = {
  'connection-flood': [examination({ rows: incident1(), config })],
  'abandoned-clients': [examination({ rows: incident1(), config })],
  'orphan-subscribers': [sentinel(incident2())],
  'orphan-consumers': [examination({ rows: together(ghosts(), busy(12, '10.2.0.9')) })],
  'stale-connections': [
    examination({
      rows: together(
        hygienic('orders', 3),
        clientRows(12, (index) => ({
          ...{ ip: '172.18.1.1', name: 'orders@web-0#subscriber', flags: 'P', sub: 1, cmd: 'ping' },
          ...{ age: 9_000, idle: 4_000 + 60 * index },
        })),
      ),
    }),
  ],
  'maxclients-near': [examination({ rows: incident1(), config, info: { rejected_connections: '8130' } })],
  growth: [growing()],
  'reconnect-storm': [storm()],
  'connection-per-request': [churn()],
  'maxclients-lowered': [examination({ config: { maxclients: '4064' } })],
  'maxclients-uneven': ['10000', '10000', '4064'].map((maxclients, at) =>
    examination({
      target: `10.0.0.${at + 1}:6379`,
      config: { maxclients },
      info: { master_replid: '8371b4fb' },
    }),
  ),
  'keepalive-off': [
    { ...saved([], { config: { 'tcp-keepalive': '0' } }), target: 'sentinel.conf', kind: 'sentinel-conf' },
  ],
  'keepalive-slow': [examination({ config: { 'tcp-keepalive': '3600' } })],
  'timeout-hits-healthy': [examination({ config: { timeout: '30' } })],
  'timeout-misses-subscribers': [
    examination({ rows: incident2(), target: '10.1.0.2:6379', config: { timeout: '300' } }),
  ],
  'output-buffers': [
    examination({
      rows: [
        clientRow({
          ...{ ip: '10.0.0.9', name: 'dashboard', flags: 'P', sub: 3, cmd: 'subscribe' },
          ...{ age: 4_000, idle: 0, omem: 7 * MIB },
        }),
      ],
    }),
  ],
  'leaky-library': [
    sentinel(
      clientRows(44, (index) => ({
        ...{ ip: '172.18.0.50', flags: 'P', sub: 1, cmd: 'subscribe', libName: 'ioredis', libVer: '5.11.1' },
        ...{ age: 5_000 - 100 * (index % 9), idle: 5_000 - 100 * (index % 9) },
      })),
    ),
  ],
  'monitor-left-open': [
    examination({ rows: [clientRow({ ip: '10.0.0.9', flags: 'O', cmd: 'monitor', age: 93_600, idle: 0 })] }),
  ],
};
