import { HygieneError } from '../../core/errors.js';
import { callRecords, callText, type ServerConnection } from '../server/server-connection.js';
import {
  endpointLabel,
  parseServerEndpoint,
  type ServerAccess,
  type ServerEndpoint,
} from '../server/server-endpoint.js';

/** All other nodes of the Cluster that a server belongs to; none if it belongs to no Cluster. */
export async function discoverClusterNodes(
  server: ServerConnection,
  info: ReadonlyMap<string, string>,
): Promise<readonly ServerEndpoint[]> {
  if (info.get('redis_mode') !== 'cluster') return [];
  const text = await callText(server, 'CLUSTER', 'NODES');
  return text
    .split(/\r?\n/)
    .map(parseNode)
    .filter((node) => node !== undefined)
    .map(({ host, port }) => endpointAt(server.endpoint, host, port));
}

/** Parses `id ip:port@cport[,hostname] flags …`; `undefined` for the server itself, and for nodes without an address. */
function parseNode(line: string): { readonly host: string; readonly port: string } | undefined {
  const [, endpoint = '', flags = ''] = line.split(' ');
  const [address = '', hostname = ''] = endpoint.split(',');
  const [, ip = '', port = ''] = /^(.*):(\d+)(?:@\d+)?$/.exec(address) ?? [];
  const isReachable = !/\b(fail|noaddr|handshake|myself)\b/.test(flags) && Number(port) > 0;
  const host = ip || hostname;
  return isReachable && host !== '' ? { host, port } : undefined;
}

/** An endpoint at another address, with the credentials and TLS of `base`. */
function endpointAt({ tls, username, password }: ServerAccess, host: string, port: string): ServerEndpoint {
  const text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    address: parseServerEndpoint(text).address,
    tls,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

/** The servers that a sentinel knows: masters with their replicas, and the other sentinels. */
export interface MonitoredServers {
  readonly masters: readonly string[];
  readonly servers: readonly ServerEndpoint[];
  readonly sentinels: readonly ServerEndpoint[];
}

/**
 * Asks a sentinel for the servers of one master, or of all masters that it monitors.
 *
 * @param data Credentials and TLS for masters and replicas. Other sentinels get those of `sentinel`.
 * @throws HygieneError `HYG_TARGET_REPLY`
 */
export async function discoverMonitoredServers(
  sentinel: ServerConnection,
  data: ServerAccess,
  master: string | undefined,
): Promise<MonitoredServers> {
  const known = await listServers(sentinel, 'masters');
  const chosen = known.filter((fields) => master === undefined || fields.get('name') === master);
  const names = chosen.map((fields) => fields.get('name') ?? '');
  const replicas = await Promise.all(names.map((name) => listServers(sentinel, 'replicas', name)));
  const sentinels = await Promise.all(names.map((name) => listServers(sentinel, 'sentinels', name)));
  const toEndpoint = (base: ServerAccess) => (fields: ServerFields) => endpointOf(sentinel, base, fields);
  return {
    masters: names,
    servers: [...chosen, ...replicas.flat()].map(toEndpoint(data)),
    sentinels: sentinels.flat().map(toEndpoint(sentinel.endpoint)),
  };
}

/** Fields of one server in a reply of Sentinel. */
type ServerFields = ReadonlyMap<string, string>;

function listServers(sentinel: ServerConnection, ...args: string[]): Promise<readonly ServerFields[]> {
  return callRecords(sentinel, 'SENTINEL', ...args);
}

const MAX_PORT = 65_535;

function endpointOf(sentinel: ServerConnection, base: ServerAccess, fields: ServerFields): ServerEndpoint {
  const [host, port] = [fields.get('ip') ?? '', fields.get('port') ?? ''];
  if (host !== '' && /^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT) return endpointAt(base, host, port);
  throw new HygieneError(
    'HYG_TARGET_REPLY',
    `The sentinel ${endpointLabel(sentinel.endpoint)} lists a server without a valid address: ip "${host}", port "${port}".`,
  );
}
