import type { Labels } from '../factory/event-counts.js';

/** Attributes of OpenTelemetry. */
export type MetricAttributes = Readonly<Record<string, string | number>>;

/**
 * The attributes of labels that have one each. `service` has none, because OpenTelemetry names the service in the resource.
 * `role` and `target` become the name of a pool, and the address of the server.
 */
export const labelAttributes: Readonly<Record<string, string>> = {
  state: 'db.client.connection.state',
  reason: 'redis.client.connection.close.reason',
  code: 'error.type',
  drop_reason: 'redis_hygiene.pool.drop.reason',
  cause: 'redis_hygiene.stale.cause',
  outcome: 'redis_hygiene.orphan.outcome',
  master: 'redis_hygiene.sentinel.master',
};

/** The attributes of a sample with these labels. */
export function attributesOf(labels: Labels): MetricAttributes {
  const { role, target } = labels;
  const own = Object.entries(labels).flatMap(([label, value]) => {
    const attribute = labelAttributes[label];
    return attribute === undefined ? [] : [[attribute, value] as const];
  });
  return {
    'db.system.name': 'redis',
    ...placeOf(role, target),
    ...(target === undefined ? {} : serverOf(target)),
    ...Object.fromEntries(own),
  };
}

/** The connections of one role to one target are one pool for OpenTelemetry, whether callers share them or borrow them. */
function placeOf(role: string | undefined, target: string | undefined): MetricAttributes {
  if (role === undefined) return {};
  return target === undefined
    ? { 'redis_hygiene.role': role }
    : { 'db.client.connection.pool.name': `${role} ${target}` };
}

const TCP_TARGET = /^rediss?:\/\/(?:\[(?<address>[^\]]+)\]|(?<host>.*)):(?<port>\d+)$/;

/** The path of a Unix socket is an address, as in the conventions. A master of sentinels has none. */
function serverOf(target: string): MetricAttributes {
  if (target.startsWith('unix://')) return { 'server.address': target.slice('unix://'.length) };
  const { address, host, port } = TCP_TARGET.exec(target)?.groups ?? {};
  const server = address ?? host;
  return server === undefined ? {} : { 'server.address': server, 'server.port': Number(port) };
}
