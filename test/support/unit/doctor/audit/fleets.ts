import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow, clientRows } from '../rows.js';

type RowFields = (index: number) => Partial<ClientRow>;

/** Joins groups of rows and numbers their ids. */
export function together(...groups: readonly (readonly ClientRow[])[]): ClientRow[] {
  return groups.flat().map((row, index) => ({ ...row, id: index + 1 }));
}

/** Leaked clients of raw ioredis: one command of the handshake, nothing since. */
export function leaked(count: number, ip: string, fieldsOf: RowFields = () => ({})): ClientRow[] {
  return clientRows(count, (index) => ({ ip, age: 72, idle: 72, cmd: 'ping', ...fieldsOf(index) }));
}

/** Connections in use: hours old, idle for some seconds. */
export function busy(count: number, ip: string, fieldsOf: RowFields = () => ({})): ClientRow[] {
  return clientRows(count, (index) => ({ ip, age: 7_200 + index, idle: index % 9, ...fieldsOf(index) }));
}

const host = (index: number) => `web-${index}`;

/** A service with redis-hygiene on some hosts, with five kinds of connections on each. */
export function hygienic(service: string, hosts: number): ClientRow[] {
  return Array.from({ length: hosts }, (_, index) => {
    const ip = `172.18.1.${index + 1}`;
    const row = (role: string, fields: Partial<ClientRow>) =>
      clientRow({ ip, name: `${service}@${host(index)}${role}`, age: 9_000, idle: index % 17, ...fields });
    return [
      row('', { cmd: 'get' }),
      row('#subscriber', { cmd: 'ping', flags: 'P', sub: 2 }),
      row('#blocking', { cmd: 'blpop', flags: 'b', idle: 4_000 }),
      row('#pool', { cmd: 'ping' }),
      row('#sentinel', { cmd: 'ping', flags: 'P', sub: 1 }),
    ];
  }).flat();
}

/** BullMQ: one name for each queue, with blocked workers and unused queues. */
export function bullmq(queues: number, ip: string): ClientRow[] {
  return Array.from({ length: queues }, (_, index) => {
    const name = `bull:${Buffer.from(`queue-${index}`).toString('base64')}`;
    return [
      clientRow({ ip, name, age: 9_000, idle: 9_000, cmd: 'info' }),
      clientRow({ ip, name: `${name}:w:mail`, age: 9_000, idle: 9_000, cmd: 'client|setname' }),
      clientRow({ ip, name, age: 9_000, idle: 4, cmd: 'bzpopmin', flags: 'b' }),
    ];
  }).flat();
}

/** A Java service with a pool on each host that keeps 8 connections it has never used. */
export function javaPools(hosts: number, size = 8): ClientRow[] {
  return Array.from({ length: hosts }, (_, index) =>
    leaked(size, `172.18.2.${index + 1}`, () => ({ age: 40_000, idle: 40_000, libName: 'jedis' })),
  ).flat();
}

/** Connections between servers. */
export function serverLinks(): ClientRow[] {
  return [
    clientRow({ ip: '172.18.0.9', flags: 'S', cmd: 'replconf', age: 80_000, idle: 0 }),
    clientRow({ ip: '172.18.0.9', flags: 'M', cmd: 'ping', age: 80_000, idle: 9 }),
    clientRow({ ip: '172.18.0.7', name: 'sentinel-1f2e3d4c-cmd', cmd: 'ping', age: 80_000, idle: 0 }),
    clientRow({
      ...{ ip: '172.18.0.7', name: 'sentinel-1f2e3d4c-pubsub', flags: 'P', sub: 1 },
      ...{ cmd: 'subscribe', age: 80_000, idle: 80_000 },
    }),
  ];
}

/** The connection of the doctor itself. */
export const doctorRows = (): ClientRow[] => [
  clientRow({ ip: '172.18.0.1', cmd: 'client|list', age: 0, idle: 0, name: 'redis-hygiene' }),
];

/** All of the above, without any leak. */
export function healthy(): ClientRow[] {
  return together(
    ...[hygienic('orders', 12), hygienic('billing', 5), bullmq(60, '172.18.3.1'), javaPools(10)],
    ...[
      busy(43, '172.18.0.59'),
      busy(40, '172.18.0.54'),
      busy(32, '172.18.0.55'),
      serverLinks(),
      doctorRows(),
    ],
  );
}
