import { HygieneError } from '../../core/errors.js';
import type { ServerConnection } from '../server/server-connection.js';
import { type ServerEndpoint, labelOf, parseServerEndpoint } from '../server/server-endpoint.js';

const MAX_PORT = 65_535;

/** Another server, spoken to as this one is. */
function beside(known: ServerEndpoint, host: string, port: string): ServerEndpoint {
  const written = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { ...known, place: parseServerEndpoint(written).place };
}

/** `id ip:port@cport[,hostname] flags …`: the other nodes that have an address and are not lost. */
function parseNode(line: string): { readonly host: string; readonly port: string } | undefined {
  const [, endpoint = '', flags = ''] = line.split(' ');
  const [address = '', hostname = ''] = endpoint.split(',');
  const [, ip = '', port = ''] = /^(.*):(\d+)(?:@\d+)?$/.exec(address) ?? [];
  const isThere = !/\b(fail|noaddr|handshake|myself)\b/.test(flags) && Number(port) > 0;
  const host = ip || hostname;
  return isThere && host !== '' ? { host, port } : undefined;
}

/** All nodes of the Cluster that a server belongs to, itself left out; none if it belongs to none. */
export async function clusterNodes(
  server: ServerConnection,
  info: ReadonlyMap<string, string>,
): Promise<readonly ServerEndpoint[]> {
  if (info.get('redis_mode') !== 'cluster') return [];
  const text = String(await server.call('CLUSTER', 'NODES'));
  return text
    .split(/\r?\n/)
    .map(parseNode)
    .filter((node) => node !== undefined)
    .map(({ host, port }) => beside(server.address, host, port));
}

/** What a reply of Sentinel says of one server: a flat list of fields and values. */
function fieldsOf(reply: unknown): ReadonlyMap<string, string> {
  const flat = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(flat.flatMap((key, at) => (at % 2 === 0 ? [[key, flat[at + 1] ?? ''] as const] : [])));
}

async function listed(
  sentinel: ServerConnection,
  ...question: string[]
): Promise<readonly ReadonlyMap<string, string>[]> {
  const replies = await sentinel.call('SENTINEL', ...question);
  return Array.isArray(replies) ? replies.map(fieldsOf) : [];
}

/** The address of a server, out of a sentinel's reply. */
function told(
  sentinel: ServerConnection,
  base: ServerEndpoint,
  fields: ReadonlyMap<string, string>,
): ServerEndpoint {
  const [host, port] = [fields.get('ip') ?? '', fields.get('port') ?? ''];
  if (host !== '' && /^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT) return beside(base, host, port);
  throw new HygieneError(
    'HYG_TARGET_REPLY',
    `The sentinel ${labelOf(sentinel.address)} names a server without an address: ip "${host}", port "${port}".`,
  );
}

/** What a sentinel knows of: the data nodes of its masters, and its fellow sentinels. */
export interface Watched {
  readonly masters: readonly string[];
  readonly servers: readonly ServerEndpoint[];
  readonly sentinels: readonly ServerEndpoint[];
}

/** Asks a sentinel for the servers of one master, or of all that it watches. `data` says how those are spoken to. */
export async function watchedBy(
  sentinel: ServerConnection,
  data: ServerEndpoint,
  master: string | undefined,
): Promise<Watched> {
  const known = await listed(sentinel, 'masters');
  const chosen = known.filter((fields) => master === undefined || fields.get('name') === master);
  const names = chosen.map((fields) => fields.get('name') ?? '');
  const replicas = await Promise.all(names.map((name) => listed(sentinel, 'replicas', name)));
  const sentinels = await Promise.all(names.map((name) => listed(sentinel, 'sentinels', name)));
  const at = (base: ServerEndpoint) => (fields: ReadonlyMap<string, string>) => told(sentinel, base, fields);
  return {
    masters: names,
    servers: [...chosen, ...replicas.flat()].map(at(data)),
    sentinels: sentinels.flat().map(at(sentinel.address)),
  };
}
